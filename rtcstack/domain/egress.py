"""What LiveKit says of an egress, in our own words; no protobuf comes past the adapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EgressStatus(StrEnum):
    STARTING = "starting"
    ACTIVE = "active"
    ENDING = "ending"
    COMPLETE = "complete"
    FAILED = "failed"
    ABORTED = "aborted"
    LIMIT_REACHED = "limit_reached"


_RANK: Mapping[EgressStatus, int] = {EgressStatus.STARTING: 0, EgressStatus.ACTIVE: 1, EgressStatus.ENDING: 2}
_TERMINAL_RANK = 3

HAS_FILE = frozenset({EgressStatus.COMPLETE, EgressStatus.LIMIT_REACHED})
"""Ended with a valid file: LiveKit reports a reached limit apart, but the recording is whole up to it."""


def rank(status: EgressStatus) -> int:
    """Updates arrive in any order; a lower rank never replaces a higher one."""
    return _RANK.get(status, _TERMINAL_RANK)


@dataclass(frozen=True)
class EgressEnd:
    """How an egress ended, for LiveKit's books: with a file, or with a reason."""

    ended_at_ms: int
    has_file: bool
    duration_ms: int | None = None
    size_bytes: int | None = None
    error: str = ""


@dataclass(frozen=True)
class EgressSnapshot:
    """One `EgressInfo`: the state of an egress at `updated_at_ns`."""

    egress_id: str
    room_name: str
    status: EgressStatus
    updated_at_ns: int
    filepath: str
    """The object key that was asked for: our own reserved one, if we started it."""
    file_name: str = ""
    """Where the file really went: what was asked for may be a template (`{room_name}-{time}`)."""
    location: str = ""
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    duration_ms: int | None = None
    size_bytes: int | None = None
    error: str = ""
    details: str = ""

    @property
    def is_ended_by_room(self) -> bool:
        """Whether it ended since there was nobody to record any more, in the words of LiveKit's Egress."""
        return "Source closed" in self.details

    @property
    def is_ended(self) -> bool:
        return rank(self.status) == _TERMINAL_RANK
