"""Where a recording's object lies: `{roomId}/{YYYY-MM-DDTHH-MM-SS}.mp4`, in UTC (seed document 004).

Other tenants than the default one share the bucket under `_t/{tenant_id}/`; a room id cannot begin with `_`. A second
recording of the room within the same second gets `-2`, a third one `-3`, and so does each further try to begin one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from rtcstack.domain.room import DEFAULT_TENANT

MAX_NAME_BYTES = 255
"""Of what is between two slashes of a key, or behind the last one: MinIO has a folder of that name."""
_STAMP = "%Y-%m-%dT%H-%M-%S"
_KEY = re.compile(
    r"(?:_t/(?P<tenant>[a-z0-9][a-z0-9-]{0,62})/)?(?P<room>[A-Za-z0-9][A-Za-z0-9._~-]{0,127})/"
    r"(?P<stamp>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)(?:-[1-9]\d{0,5})?\.mp4",
    re.ASCII,
)

_STEM = re.compile(r"(?P<stem>.*\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)(?:-[1-9]\d{0,5})?\.mp4", re.ASCII)


@dataclass(frozen=True)
class ParsedKey:
    tenant_id: str
    room_id: str
    started_at_ms: int


def folder(tenant_id: str, room_id: str) -> str:
    """Return the prefix of all of a room's objects, with its slash."""
    prefix = "" if tenant_id == DEFAULT_TENANT else f"_t/{tenant_id}/"
    return f"{prefix}{room_id}/"


def object_key(tenant_id: str, room_id: str, started_at_ms: int, *, nth: int = 1) -> str:
    return key_in(folder(tenant_id, room_id), started_at_ms, nth=nth)


def key_in(room_folder: str, started_at_ms: int, *, nth: int = 1) -> str:
    """Return the key of the room's `nth` recording within that second, whichever bucket the folder is of."""
    stamp = datetime.fromtimestamp(started_at_ms / 1000, UTC).strftime(_STAMP)
    suffix = "" if nth == 1 else f"-{nth}"
    return f"{room_folder}{stamp}{suffix}.mp4"


def stem_of(key: str) -> str:
    """Return what the keys of all of a room's recordings within that second begin with."""
    found = _STEM.fullmatch(key)
    assert found  # every key that is reserved is made by `key_in`
    return found["stem"]


def archive_key(key: str) -> str:
    """Return where the object of an archived recording lies if it has to stay in its bucket.

    `_archive/` comes before the room, behind the bucket's prefix: a room id cannot begin with `_`.
    """
    parts = key.split("/")
    at = max(len(parts) - 2, 0)
    return "/".join([*parts[:at], "_archive", *parts[at:]])


def begun_at_ms(key: str, room_folder: str) -> int | None:
    """Return since when a recording runs whose key is of our pattern in that folder, to the second; None otherwise."""
    name = key.removeprefix(room_folder)
    parsed = parse_object_key(f"r/{name}") if key.startswith(room_folder) else None
    return parsed.started_at_ms if parsed else None


def parse_object_key(key: str) -> ParsedKey | None:
    """Return whose recording a key is of and since when, to the second; None if it is not of this pattern."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    try:
        began = datetime.strptime(found["stamp"], _STAMP).replace(tzinfo=UTC)
    except ValueError:  # the 31st of February
        return None
    return ParsedKey(found["tenant"] or DEFAULT_TENANT, found["room"], round(began.timestamp() * 1000))


def download_name(key: str) -> str:
    """The file name a person finds in the downloads folder: `{roomId}-{timestamp}.mp4`."""
    return "-".join(key.rsplit("/", 2)[-2:])


def index_key(key: str) -> str:
    """Return where the index of a recording lies: beside it, `.index.json.gz` instead of `.mp4`."""
    return f"{key.removesuffix('.mp4')}.index.json.gz"


def poster_key(key: str) -> str:
    return f"{key.removesuffix('.mp4')}.poster.jpg"


def sheet_key(key: str, nth: int) -> str:
    """Return where the `nth` sheet of the recording's storyboard lies, counted from 1."""
    return f"{key.removesuffix('.mp4')}.storyboard-{nth}.jpg"
