"""A recording's life: one state machine for all surfaces. Each surface maps the words (`/v1/rooms`: `starting` …)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rtcstack.domain.loss import Gap
from rtcstack.errors import InvalidTransition


class RecordingState(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    STOPPING = "stopping"
    PROCESSING = "processing"
    READY = "ready"
    ARCHIVED = "archived"
    FAILED = "failed"


ACTIVE = frozenset(
    {RecordingState.QUEUED, RecordingState.STARTING, RecordingState.RECORDING, RecordingState.PAUSED}
)
"""A room has at most one of these; the database's partial unique index holds it."""

UNENDED = (ACTIVE - {RecordingState.QUEUED}) | {RecordingState.STOPPING}
"""Its egress has not been seen to end."""

ENDED = frozenset({RecordingState.READY, RecordingState.ARCHIVED, RecordingState.FAILED})


class Transfer(StrEnum):
    """How far the move of an archived recording's object is, to the archive or back."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


_NEXT: Mapping[RecordingState, frozenset[RecordingState]] = {
    RecordingState.QUEUED: frozenset({RecordingState.STARTING, RecordingState.FAILED}),
    RecordingState.STARTING: frozenset(
        {
            RecordingState.QUEUED,
            RecordingState.RECORDING,
            RecordingState.STOPPING,
            RecordingState.PROCESSING,
            RecordingState.FAILED,
        }
    ),
    RecordingState.RECORDING: frozenset(
        {RecordingState.PAUSED, RecordingState.STOPPING, RecordingState.PROCESSING, RecordingState.FAILED}
    ),
    RecordingState.PAUSED: frozenset(
        {RecordingState.RECORDING, RecordingState.STOPPING, RecordingState.PROCESSING, RecordingState.FAILED}
    ),
    RecordingState.STOPPING: frozenset({RecordingState.PROCESSING, RecordingState.FAILED}),
    RecordingState.PROCESSING: frozenset({RecordingState.READY, RecordingState.FAILED}),
    RecordingState.READY: frozenset({RecordingState.ARCHIVED}),
    RecordingState.ARCHIVED: frozenset({RecordingState.READY}),
    RecordingState.FAILED: frozenset({RecordingState.PROCESSING}),
}


def advance(current: RecordingState, target: RecordingState) -> RecordingState:
    """Return `target` if a recording may go there from `current`.

    Raises:
        InvalidTransition: with both words.
    """
    if target in _NEXT[current]:
        return target
    raise InvalidTransition(f"A recording that is {current} cannot become {target}.", state=str(current))


def can_advance(current: RecordingState, target: RecordingState) -> bool:
    return target in _NEXT[current]


@dataclass(frozen=True)
class Recording:
    """`started_at_ms` is fixed when the row is reserved: it is also the timestamp in `object_key`."""

    id: str
    tenant_id: str
    room_id: str
    state: RecordingState
    bucket: str
    object_key: str
    started_at_ms: int
    egress_id: str | None = None
    kind: str = "composite"
    options: Mapping[str, Any] = field(default_factory=dict)
    stopped_at_ms: int | None = None
    completed_at_ms: int | None = None
    duration_ms: int | None = None
    size_bytes: int | None = None
    checksum: str | None = None
    streams: Mapping[str, str] = field(default_factory=dict)
    error_code: str | None = None
    error: str | None = None
    origin: str = "api"
    """`sync` for one that was found in LiveKit or in the bucket."""
    archived_at_ms: int | None = None
    transfer: Transfer | None = None
    cold_bucket: str | None = None
    """Where an archived recording's object is or is being moved to."""
    storage_id: str | None = None
    """The bucket of its tenant that it lies in; None is the shared one."""
    verified_at_ms: int | None = None
    """When its object was found to be what the recorder wrote."""
    verify_error: str | None = None
    """What did not agree, if that was found."""
    recovered: bool = False
    """A recorder or worker died over it, and it was finished all the same."""
    gaps: Sequence[Gap] = ()
    """What is missing of it for that reason."""
    notes: Sequence[str] = ()
    """What a person should know about it although it is good, as sentences."""
    upload_waits: str | None = None
    """The store's words, while it does not take the file."""
    missing: int = 0
    """How often in a row the store has said that it does not have the object."""
    attempts: int = 0
    fence: int = 0

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def lost_ms(self) -> int:
        return sum(gap.lost_ms for gap in self.gaps)

    @property
    def duration_s(self) -> int:
        """Whole seconds, as every surface shows it."""
        return round((self.duration_ms or 0) / 1000)
