"""What the self-check is asked to do. Light to import: the command line reads it before it knows the command."""

import json
from dataclasses import dataclass
from pathlib import Path

MAX_PARTICIPANTS = 24
"""As many colours as can be told apart (`picture.chroma`)."""


@dataclass(frozen=True, slots=True)
class Plan:
    api_url: str
    data: Path
    bucket: str
    seconds: float = 8
    participants: int = 2
    key: str | None = None
    """An API key of the tenant's; a temporary one is made when there is none."""


def api_url(data: Path, configured: str) -> str:
    """Return where the running appliance on this data folder says its API is, or the configured address."""
    state = data / "run" / "state.json"
    try:
        return str(json.loads(state.read_text(encoding="utf-8"))["addresses"]["api"])
    except (OSError, ValueError, KeyError, TypeError):
        return configured
