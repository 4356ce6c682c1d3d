"""LiveKit in memory; `tests/contract/ports/test_livekit.py` holds it against the real one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from rtcstack.adapters.livekit.events import EventReader
from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.room import Role
from rtcstack.errors import EgressSilent, ParticipantNotFound, RecordingNotActive, RoomNotFound, RtcError
from rtcstack.ports.livekit import Composite, LiveKitEvent, Participant, RoomShape, Visitor

KEY, SECRET = "APIfake", "a secret of the tests that is long enough"


class FakeLiveKit:
    def __init__(self) -> None:
        self.rooms: set[str] = set()
        self.shapes: dict[str, RoomShape] = {}
        """How each room was asked for last."""
        self.token_shapes: dict[str, RoomShape | None] = {}
        """What the last token for each room says of it."""
        self.egresses: dict[str, EgressSnapshot] = {}
        self.started: list[Composite] = []
        self.silent: set[str] = set()
        """Egresses that nobody answers for."""
        self.ended_unheard: set[str] = set()
        """Egresses whose worker says that they have ended, whatever LiveKit's books show."""
        self.visitors: dict[str, list[Visitor]] = {}
        """Who is connected, by the room's name."""
        self.stops: list[str] = []
        """Whose end was asked for."""
        self.layouts: dict[str, str] = {}
        """What running egresses were told last."""
        self.nudges: list[tuple[str, str]] = []
        """Rooms and topics of what everybody there was sent."""
        self.latency_s = 0.0
        self._failures: list[RtcError] = []
        self._events = EventReader(KEY, SECRET)

    def fail_next(self, error: RtcError) -> None:
        """Let the next start fail with `error`."""
        self._failures.append(error)

    async def ping(self) -> None:
        return

    async def create_room(self, name: str, shape: RoomShape) -> None:
        self.shapes[name] = shape
        self.rooms.add(name)

    async def has_room(self, name: str) -> bool:
        return name in self.rooms

    async def delete_room(self, name: str) -> None:
        self.rooms.discard(name)

    async def list_participants(self, name: str) -> Sequence[Participant]:
        del name
        return []

    async def get_participant(self, name: str, identity: str) -> Participant:
        raise ParticipantNotFound(f"no {identity} in {name}")

    async def mute_track(self, name: str, identity: str, track_sid: str, *, muted: bool) -> None:
        del track_sid, muted
        await self.get_participant(name, identity)

    async def nudge(self, name: str, topic: str) -> None:
        self.nudges.append((name, topic))

    async def remove_participant(self, name: str, identity: str) -> None:
        raise ParticipantNotFound(f"no {identity} in {name}")

    async def start_composite(self, composite: Composite) -> EgressSnapshot:
        await asyncio.sleep(self.latency_s)
        if self._failures:
            raise self._failures.pop()
        if composite.room_name not in self.rooms:
            raise RoomNotFound("requested room does not exist")
        return self.begin(composite)

    def begin(self, composite: Composite) -> EgressSnapshot:
        self.started.append(composite)
        egress_id = f"EG_{len(self.started)}"
        begun = EgressSnapshot(egress_id, composite.room_name, EgressStatus.STARTING, 1, composite.object_key)
        self.egresses[egress_id] = begun
        return begun

    async def stop_egress(self, egress_id: str) -> bool:
        self.stops.append(egress_id)
        if egress_id in self.silent:
            raise EgressSilent("No Egress worker answers for this recording.", part="egress")
        begun = self.egresses.get(egress_id)
        if begun is None or begun.is_ended or egress_id in self.ended_unheard:
            return False
        self.egresses[egress_id] = replace(begun, status=EgressStatus.ENDING)
        return True

    async def update_layout(self, egress_id: str, layout: str) -> None:
        begun = self.egresses.get(egress_id)
        if begun is None or begun.status not in {EgressStatus.STARTING, EgressStatus.ACTIVE}:
            raise RecordingNotActive(f"no recorder of {egress_id} is in the room")
        self.layouts[egress_id] = layout

    async def list_egresses(self, room_name: str) -> Sequence[EgressSnapshot]:
        return [e for e in self.egresses.values() if e.room_name == room_name]

    async def list_running_egresses(self) -> Sequence[EgressSnapshot]:
        return [e for e in self.egresses.values() if not e.is_ended]

    async def list_visitors(self, name: str) -> Sequence[Visitor]:
        return self.visitors.get(name, [])

    def join_token(
        self, room_name: str, identity: str, name: str, role: Role, ttl_s: int, shape: RoomShape | None = None
    ) -> str:
        self.token_shapes[room_name] = shape
        return f"{room_name}|{identity}|{name}|{role}|{ttl_s}"

    def verify_event(self, body: bytes, authorization: str) -> LiveKitEvent:
        return self._events.verify(body, authorization)

    def read_event(self, body: str) -> LiveKitEvent:
        return self._events.read(body)
