"""From the paths in a request to objects' keys, as LiveKit's Egress reads them (`pkg/config/output_file.go`)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rtcstack.domain.object_key import MAX_NAME_BYTES, index_key
from rtcstack.errors import Invalid

_LONGEST_KEY_BYTES: Final = 1024  # S3's own limit
_CONTROL: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Persian names and emoji are written with them."""
_TEMPLATE: Final = re.compile(r"\{(\w+)\}")
_OF_TRACKS: Final = ("publisher_identity", "track_id", "track_type", "track_source")
_SHOWN: Final = 80
"""So many characters of a name that is too long."""
_DEFAULT_NAME: Final = "{room_name}-{time}"
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Names:
    """What fills a path's templates: `{room_name}`, `{room_id}`, `{time}`, `{utc}` and those of the request's source."""

    values: Mapping[str, str]
    default: str
    """The name of a file for which none is given."""
    unknown: frozenset[str] = frozenset()
    """Templates of the source that cannot be filled in."""

    def fill(self, path: str, field: str) -> str:
        """Return the path with its templates filled in. What fills them is taken as it is, also where it looks like one.

        Raises:
            Invalid: for a template of a track that is not there.
        """
        for name in self.unknown:
            if f"{{{name}}}" in path:
                raise Invalid(
                    f"{field}: {{{name}}} cannot be filled in, the room does not have the track now"
                )
        return _TEMPLATE.sub(lambda template: self.values.get(template[1], template[0]), path)

    def named(self, path: str, field: str) -> str:
        """Return the path filled in, and with the default name if it is empty or ends with a slash."""
        filled = self.fill(path, field)
        return filled + self.default if not path or path.endswith("/") else filled


def names_of(
    *,
    room_name: str,
    room_id: str,
    now_ns: int,
    default_name: str = _DEFAULT_NAME,
    of_source: Mapping[str, str] = _NOTHING,
    is_of_track: bool = False,
) -> Names:
    """Return the names of one request. What comes from the room makes no folders of its own."""
    now = datetime.fromtimestamp(now_ns // 1_000_000 / 1000, tz=UTC)
    stamp = now.strftime("%Y%m%d%H%M%S")
    values = {
        "room_name": room_name.replace("/", "-"),
        "room_id": room_id,
        "time": now.strftime("%Y-%m-%dT%H%M%S"),
        "utc": f"{stamp}{now.microsecond // 1000:03d}",
        **{name: value.replace("/", "-") for name, value in of_source.items()},
    }
    unknown = frozenset(_OF_TRACKS) - frozenset(of_source) if is_of_track else frozenset()
    return Names(values, Names(values, "").fill(default_name, "filepath"), unknown)


def check_key(key: str, field: str) -> str:
    """Return the key.

    Raises:
        Invalid: for a path that leaves the bucket's namespace or that no store would take.
    """
    if key.startswith("/") or "\\" in key:
        raise Invalid(f"{field}: it has to be relative, with / between its parts")
    if {"", ".", ".."} & set(key.split("/")):
        raise Invalid(f"{field}: '..', '.' and empty parts are not allowed")
    if any(unicodedata.category(character) in _CONTROL for character in set(key) - _JOINERS):
        raise Invalid(f"{field}: control characters are not allowed")
    for name in key.split("/"):
        _check_length(name, MAX_NAME_BYTES, "a name between slashes", field)
    _check_length(key, _LONGEST_KEY_BYTES, "a key", field)
    return key


def check_file_key(key: str, field: str) -> str:
    """Return the key of a file; its index lies beside it, under a longer one.

    Raises:
        Invalid: as `check_key`, for either.
    """
    check_key(key, field)
    check_key(index_key(key), field)
    return key


def _check_length(name: str, most_bytes: int, what: str, field: str) -> None:
    """Not only what was asked for is told: templates are filled in, and indexes, segments and images have longer names."""
    length = len(name.encode())
    if length > most_bytes:
        shown = name if len(name) <= _SHOWN else f"{name[: _SHOWN // 2]}…{name[-_SHOWN // 2 :]}"
        raise Invalid(
            f"{field}: {what} has {most_bytes} bytes at most, and this would have {length}: {shown}"
        )
