"""The one-file build (docs/decisions/0018-one-file.md): all that the product needs lies in the folder it was unpacked to."""

import json
import sys
from pathlib import Path


def find_carried() -> Path | None:
    """Return the folder that everything was unpacked to, or None in every other kind of installation."""
    return Path(sys.executable).parent if getattr(sys, "frozen", False) else None


def describe(carried: Path) -> str:
    """Say in a line what the build carries."""
    about = json.loads((carried / "about.json").read_text(encoding="utf-8"))
    return "one file for {platform}, with Python {python}, LiveKit {livekit}, MinIO {minio}, Redis {redis}".format(
        **about
    )
