"""What the self-check is asked to do. Light to import: the command line reads it before it knows the command."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MAX_PARTICIPANTS = 24
"""As many colours as can be told apart (`picture.chroma`)."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Plan:
    api_url: str
    data: Path
    bucket: str
    seconds: float = 8
    participants: int = 2
    key: str | None = None
    """An API key of the tenant's; a temporary one is made when there is none."""
    edge: str | None = None
    """In a container of its own: the host that answers at the public addresses which lie on the machine's loopback."""
    called_back_by: str | None = None
    """In a container of its own: the host that delivers webhooks. They are received on the network that leads there."""

    def reached(self, url: str) -> tuple[str, dict[str, str]]:
        """Return where a public address is reached from here, and the headers that name it all the same.

        An S3 link is signed for its host, so that one has to arrive in the header.
        """
        parts = urlsplit(url)
        if not self.edge or parts.hostname not in _LOOPBACK:
            return url, {}
        there = parts._replace(netloc=f"{self.edge}:{parts.port}" if parts.port else self.edge)
        return there.geturl(), {"Host": parts.netloc}


def api_url(data: Path, configured: str) -> str:
    """Return where the running appliance on this data folder says its API is, or the configured address."""
    state = data / "run" / "state.json"
    try:
        return str(json.loads(state.read_text(encoding="utf-8"))["addresses"]["api"])
    except (OSError, ValueError, KeyError, TypeError):
        return configured
