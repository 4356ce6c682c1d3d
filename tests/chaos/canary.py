"""Looking for a secret where it must not be."""

import base64
from pathlib import Path
from urllib.parse import quote_plus


def is_in(content: bytes, secret: str) -> bool:
    """Whether the secret stands there in one of the forms in which it may be written."""
    return any(form in content for form in _forms(secret))


def _forms(secret: str) -> set[bytes]:
    plain = secret.encode()
    escaped = secret.replace("/", "\\/").encode()
    return {plain, escaped, base64.b64encode(plain), plain.hex().encode(), quote_plus(secret).encode()}


def files_with(secret: str, folder: Path) -> list[str]:
    """Return the files below the folder in which the secret stands."""
    return [str(f) for f in folder.rglob("*") if f.is_file() and is_in(f.read_bytes(), secret)]
