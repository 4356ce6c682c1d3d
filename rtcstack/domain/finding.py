"""What the reconciler finds: where database, LiveKit, workers, buckets and spool do not say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LAST_SUBJECT = chr(0x10FFFF)


class FindingKind(StrEnum):
    """What is still open is in the report until a later look no longer finds it; what was mended is in the audit log."""

    EGRESS_MISSING = "egress_missing"
    """A recording runs by the database, and no worker that answers has its egress."""
    EGRESS_GONE = "egress_gone"
    """The same for so long that it is over: its file is looked for, and the recording ends."""
    END_UNHEARD = "end_unheard"
    """An egress has ended, by LiveKit's books, its worker, the spool or the bucket, and no event told so."""
    EGRESS_UNWANTED = "egress_unwanted"
    """An egress runs for a start that had been given up."""
    START_ABANDONED = "start_abandoned"
    """A recording was reserved, and whoever was to begin it is gone."""
    BOOKS_BEHIND = "books_behind"
    """LiveKit shows an egress as running that no worker has."""
    ROW_STUCK = "row_stuck"
    """Something is being worked on by the database, and nothing is due that would end it."""
    OBJECT_MISSING = "object_missing"
    """A recording is ready or archived, or a clip is complete, and its object is not in the bucket."""
    SIZE_MISMATCH = "size_mismatch"
    """Its object has another size than what was recorded."""
    OBJECT_UNKNOWN = "object_unknown"
    """An object lies where a recording would, and there is no recording of it."""
    OBJECT_LATE = "object_late"
    """A recording failed for want of its object, which is there by now."""
    FILE_KEPT = "file_kept"
    """The spool of this machine holds the file of a recording that has failed."""
    FILE_UNKNOWN = "file_unknown"
    """The spool of this machine holds a file of no recording."""
    PARTICIPANT_GONE = "participant_gone"
    """Somebody counts as being in a room, and LiveKit has not had him there for a while."""


@dataclass(frozen=True)
class Finding:
    """`subject` tells findings of a kind apart: an egress id, an object key, a recording. `mended` says what was
    done about it, or what was asked for ("asked for: …") and is not done yet; None leaves it to people.
    """

    kind: FindingKind
    subject: str
    message: str
    tenant_id: str | None = None
    object_id: str | None = None
    """The recording, room or clip that it is about."""
    mended: str | None = None


@dataclass(frozen=True)
class Look:
    """One look of a check: what it saw from behind `after` up to and with `up_to`. The next one goes on at `cursor`."""

    seen: int
    findings: Sequence[Finding]
    after: str = ""
    up_to: str = LAST_SUBJECT
    cursor: str = ""


@dataclass(frozen=True)
class OpenFinding:
    check: str
    finding: Finding
    found_at_ms: int
    seen_at_ms: int


@dataclass(frozen=True)
class CheckState:
    """How the last look of a check went; `error` says why it could not be done."""

    name: str
    began_at_ms: int | None
    ended_at_ms: int | None
    seen: int
    error: str | None
    is_running: bool
