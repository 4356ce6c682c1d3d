"""A backup: a snapshot of the state, a list of the objects that belong to it, and the facts that both are held against."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

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


def from_json(text: str) -> BackupFacts:
    """Raises `Invalid` for what is not the facts of a backup that this version can read."""
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
            raise Invalid("The backup was written by another version of rtcstack, in a form unknown here.")
        files = {name: FileFacts(**facts) for name, facts in told.pop("files").items()}
        found = BackupFacts(files=files, **told)
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise Invalid("These are not the facts of a backup.") from e
    if not _NAME.fullmatch(found.name) or not files.keys() <= {STATE, OBJECTS, SECRETS}:
        raise Invalid("These are not the facts of a backup: it has a name, or a file, that none has.")
    return found
