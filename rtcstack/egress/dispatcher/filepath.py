"""From a file output's `filepath` to the object's key, as LiveKit's Egress reads it (`pkg/config/output_file.go`)."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from rtcstack.errors import Invalid

_LONGEST_KEY_BYTES: Final = 1024  # S3's own limit
_DEFAULT_NAME: Final = "{room_name}-{time}"
_NOTHING: Final[Mapping[str, str]] = {}


def object_key(
    filepath: str,
    *,
    room_name: str,
    room_id: str,
    now_ns: int,
    default_name: str = _DEFAULT_NAME,
    names: Mapping[str, str] = _NOTHING,
) -> str:
    """Return the key: `filepath` with its templates filled in and `.mp4` at its end.

    `{room_name}`, `{room_id}`, `{time}`, `{utc}` and those in `names` are filled in; an empty path, and one that ends
    with `/`, gets `default_name`.

    Raises:
        Invalid: for a path that leaves the bucket's namespace or that no store would take.
    """
    now = datetime.fromtimestamp(now_ns / 1e9, tz=UTC)
    path = filepath + default_name if not filepath or filepath.endswith("/") else filepath
    values = {
        "{room_name}": room_name.replace("/", "-"),
        "{room_id}": room_id,
        "{time}": now.strftime("%Y-%m-%dT%H%M%S"),
        "{utc}": now.strftime("%Y%m%d%H%M%S"),
        **{f"{{{name}}}": value.replace("/", "-") for name, value in names.items()},
    }
    for template, value in values.items():
        path = path.replace(template, value)
    if not path.endswith(".mp4"):
        path += ".mp4"
    _check(path)
    return path


def _check(path: str) -> None:
    if path.startswith("/") or "\\" in path:
        raise Invalid("filepath: it has to be relative, with / between its parts")
    if {"", ".", ".."} & set(path.split("/")):
        raise Invalid("filepath: '..', '.' and empty parts are not allowed")
    if any(unicodedata.category(character).startswith("C") for character in path):
        raise Invalid("filepath: control characters are not allowed")
    if len(path.encode()) > _LONGEST_KEY_BYTES:
        raise Invalid(f"filepath: longer than {_LONGEST_KEY_BYTES} bytes")
