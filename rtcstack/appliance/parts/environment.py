"""The environment of a part that is not ours: what any program needs, none of our settings."""

from collections.abc import Mapping
from pathlib import Path

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


def plain(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the environment, with a folder of the appliance as home: no part writes anywhere else."""
    return {**{name: environ[name] for name in _PASSED_ON if name in environ}, "HOME": str(home)}
