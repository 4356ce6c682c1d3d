"""A backup: a snapshot of the state, a list of the objects that belong to it, and the facts that both are held against."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from rtcstack.errors import Invalid

FORMAT = 1
STATE = "state.sqlite3"
OBJECTS = "objects.jsonl.gz"
SECRETS = "secrets.json"
_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")
"""Names become those of files and folders, and who can write to a shelf is not always who restores from it."""
_MADE_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")
NOTE = "last-backup.json"
"""In the data folder: which backup was made last, and when."""


@dataclass(frozen=True)
class FileFacts:
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class BackupFacts:
    """What is written last: a backup without it never came to its end."""

    name: str
    """When it was made: `2026-11-21T21-45-00Z`; names sort by age."""
    created_at_ms: int
    version: str
    """Of rtcstack."""
    files: Mapping[str, FileFacts]
    recordings: int
    objects: int
    objects_bytes: int
    keks: Sequence[str] = ()
    """The keys without which the sealed secrets in it stay closed: `rtcstack sealing status` shows a key's id."""

    @property
    def has_secrets(self) -> bool:
        return SECRETS in self.files


@dataclass(frozen=True)
class ListedObject:
    """An object that the state names; a store of None is the shared one."""

    store: str | None
    bucket: str
    key: str
    size_bytes: int | None
    """None where the state does not say."""
    recording: str
    what: str
    """`recording`, `poster`, `storyboard` or `clip`."""


def is_name(text: str) -> bool:
    """Say whether backups are named like that."""
    return _MADE_AT.fullmatch(text) is not None


def to_json(facts: BackupFacts) -> str:
    return json.dumps({"format": FORMAT, **asdict(facts)}, indent=2) + "\n"


def from_json(text: str, name: str) -> BackupFacts:
    """Return the facts of the backup of that name.

    Raises:
        Invalid: they are not, or not of a form that this version can read.
    """
    file = f"{name}.json"
    try:
        told = msgspec.json.decode(text, type=dict[str, Any])
        if told.get("format") != FORMAT:
            raise Invalid(f"{file} was written by another version of rtcstack, in a form unknown here.")
        found = msgspec.convert(told, BackupFacts)
    except msgspec.DecodeError as e:
        raise Invalid(f"{file} does not hold the facts of a backup: {e}.") from e
    if found.name != name or not _NAME.fullmatch(name) or not found.files.keys() <= {STATE, OBJECTS, SECRETS}:
        raise Invalid(
            f"{file} does not hold the facts of a backup: it has a name, or a file, that none has there."
        )
    return found
