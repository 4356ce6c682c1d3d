"""LiveKit as the services see it: rooms, participants, join tokens, egresses, events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rtcstack.domain.egress import EgressSnapshot
from rtcstack.domain.room import Role
from rtcstack.ports.storage import StoreAccess

TrackSource = Literal["camera", "microphone", "screen_share", "screen_share_audio", "unknown"]
"""What a track is, as whoever publishes it says; the words are those of LiveKit's tokens."""
ONCE = frozenset(
    {
        "room_started",
        "room_finished",
        "participant_joined",
        "participant_left",
        "participant_connection_aborted",
        "track_published",
        "track_unpublished",
    }
)
"""Events that happen once to whom they name. Those of an egress repeat; of any other kind nobody knows what tells a repeat
from a second one.
"""


@dataclass(frozen=True)
class RoomShape:
    """How LiveKit makes a room. A lasting one is kept while it is empty."""

    max_participants: int | None = None
    metadata: str = ""
    is_lasting: bool = False


@dataclass(frozen=True)
class Composite:
    """One room composite to be recorded into one object."""

    room_name: str
    object_key: str
    bucket: str
    object_metadata: Mapping[str, str]
    layout: str = ""
    audio_only: bool = False
    width: int | None = None
    height: int | None = None
    framerate: int | None = None
    video_bitrate_kbps: int | None = None
    access: StoreAccess | None = None
    """The bucket and its keys, for a recorder that cannot ask for them."""


@dataclass(frozen=True)
class Track:
    """What somebody publishes; a muted one sends nothing."""

    sid: str
    source: TrackSource
    is_muted: bool


@dataclass(frozen=True)
class Participant:
    identity: str
    name: str
    joined_at_ms: int
    is_publisher: bool
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True)
class Visitor:
    """Whom a participant event is about; `is_recorder` for what joins to record."""

    sid: str
    identity: str
    joined_at_ms: int
    is_recorder: bool


@dataclass(frozen=True)
class LiveKitEvent:
    """A verified webhook of LiveKit. `fingerprint` is equal for notifications that say the same."""

    name: str
    fingerprint: str
    room_name: str = ""
    room_sid: str = ""
    egress: EgressSnapshot | None = None
    visitor: Visitor | None = None
    ahead_s: float | None = None
    """How far LiveKit's clock was ahead when it signed, if that is known."""


class LiveKit(Protocol):
    """Every call raises `PartUnavailable` when LiveKit does not answer and `PartRefused` when it says no."""

    async def ping(self) -> None:
        """Return if LiveKit answers."""
        ...

    async def create_room(self, name: str, shape: RoomShape) -> None:
        """Make the room unless it is there."""
        ...

    async def has_room(self, name: str) -> bool: ...

    async def delete_room(self, name: str) -> None:
        """Disconnect everybody and forget the room; one that is gone already is fine."""
        ...

    async def list_visitors(self, name: str) -> Sequence[Visitor]:
        """Return who is connected now, as events call them; nobody if there is no such room."""
        ...

    async def list_participants(self, name: str) -> Sequence[Participant]:
        """Return those connected now, recorders left out; nobody if there is no such room."""
        ...

    async def get_participant(self, name: str, identity: str) -> Participant:
        """Raises `ParticipantNotFound`, also for a recorder."""
        ...

    async def remove_participant(self, name: str, identity: str) -> None:
        """Raises `ParticipantNotFound`."""
        ...

    async def nudge(self, name: str, topic: str) -> None:
        """Send everybody in the room a message of this topic with nothing in it. Of a room that is gone, too, nobody answers."""
        ...

    async def mute_track(self, name: str, identity: str, track_sid: str, *, muted: bool) -> None:
        """Have the track say nothing, or let it be heard and seen again; a track that is so already stays so.

        Raises:
            ParticipantNotFound: nobody of that identity is in the room.
            TrackNotFound: they publish no such track.
            UnmuteRefused: LiveKit is not configured to unmute others.
        """
        ...

    async def start_composite(self, composite: Composite) -> EgressSnapshot:
        """Raises `RoomNotFound` if LiveKit does not have the room."""
        ...

    async def stop_egress(self, egress_id: str) -> bool:
        """Ask the egress to finish; return False if it has ended, by LiveKit's books or as its worker says.

        Raises:
            EgressSilent: LiveKit reaches no worker that has it.
        """
        ...

    async def update_layout(self, egress_id: str, layout: str) -> None:
        """Have a running egress go on with another layout.

        Raises:
            RecordingNotActive: its recorder is not in the room.
        """
        ...

    async def list_egresses(self, room_name: str) -> Sequence[EgressSnapshot]: ...

    async def list_running_egresses(self) -> Sequence[EgressSnapshot]:
        """Return those of all rooms that have not ended by LiveKit's books."""
        ...

    def join_token(
        self, room_name: str, identity: str, name: str, role: Role, ttl_s: int, shape: RoomShape | None = None
    ) -> str:
        """With a shape, LiveKit makes the room so when the first one joins."""
        ...

    def verify_event(self, body: bytes, authorization: str) -> LiveKitEvent:
        """Raises `Unauthenticated` unless LiveKit signed exactly this body, not long ago."""
        ...

    def read_event(self, body: str) -> LiveKitEvent:
        """Read an event that was verified when it came."""
        ...
