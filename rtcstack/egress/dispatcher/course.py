"""What befalls a recording while it runs: pauses, recorders that die, another layout, another room. Entries of its journal."""

import msgspec

from rtcstack.egress.job import Encoding, EndReason, Lacks, Reduced


class Paused(msgspec.Struct, tag="paused", tag_field="type", frozen=True):
    wall_ns: int


class Resumed(msgspec.Struct, tag="resumed", tag_field="type", frozen=True):
    wall_ns: int


class PartBegun(msgspec.Struct, tag="part_begun", tag_field="type", frozen=True):
    """A recorder is asked for."""

    boot_id: str
    """Of the machine: it is another one after a restart."""


class PartLost(msgspec.Struct, tag="part_lost", tag_field="type", frozen=True):
    """A recorder died, or its worker did, and another one goes on."""

    wall_ns: int
    reason: EndReason | None
    reduced: Reduced | None = None
    """What its part has fewer pictures of, as far as it had said so."""
    lacks: Lacks | None = None
    """What else its part lacks, as far as it had said so."""


class Fitted(msgspec.Struct, tag="fitted", tag_field="type", frozen=True):
    """What the first recorder records: later parts have to be the same, so that they can be joined."""

    encoding: Encoding
    has_audio: bool
    has_video: bool


class LayoutNow(msgspec.Struct, tag="layout_now", tag_field="type", frozen=True):
    """LiveKit was asked for another layout."""

    layout: str


class RoomNow(msgspec.Struct, tag="room_now", tag_field="type", frozen=True):
    """People came back to another room of the same name."""

    room_id: str


Turn = Paused | Resumed | PartBegun | PartLost | Fitted | LayoutNow | RoomNow


class Course:
    """What the entries say, taken together."""

    def __init__(self) -> None:
        self.pauses: list[tuple[int, int | None]] = []
        """From which wall time until which one; the last may not be over."""
        self.boot_id = ""
        self.parts_lost: list[PartLost] = []
        self.fitted: Fitted | None = None
        self.layout: str | None = None
        self.room_id: str | None = None
        """Of what is recorded since it is another room than the one that was asked for."""

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None

    def apply(self, turn: Turn) -> None:
        match turn:
            case Paused() if not self.is_paused:
                self.pauses.append((turn.wall_ns, None))
            case Resumed() if self.is_paused:
                self.pauses[-1] = (self.pauses[-1][0], turn.wall_ns)
            case PartBegun():
                self.boot_id = turn.boot_id
            case PartLost():
                self.parts_lost.append(turn)
            case Fitted():
                self.fitted = self.fitted or turn
            case LayoutNow():
                self.layout = turn.layout
            case RoomNow():
                self.room_id = turn.room_id
