"""Who comes and goes, from LiveKit's events, in the transaction that marks the event as done."""

from rtcstack.clock import Clock
from rtcstack.domain.participant import Participant
from rtcstack.domain.room import Room, parse_livekit_name
from rtcstack.ports.database import Reader, Tx
from rtcstack.ports.livekit import LiveKit, LiveKitEvent, Visitor
from rtcstack.repositories import participants, rooms
from rtcstack.services.events import Events
from rtcstack.services.room_shape import shape_of


class Attendance:
    def __init__(self, clock: Clock, livekit: LiveKit, events: Events) -> None:
        self._clock, self._livekit, self._events = clock, livekit, events

    async def keep_hall(self, reader: Reader, event: LiveKitEvent) -> None:
        """A hall stays until it is closed, and then it is: LiveKit would give up its room, or have it back by a join."""
        if event.name not in {"room_started", "room_finished"}:
            return
        hall = await rooms.find(reader, *parse_livekit_name(event.room_name))
        if hall is None or not hall.is_hall:
            return
        if event.name == "room_finished" and not hall.is_closed:
            await self._livekit.create_room(hall.livekit_name, shape_of(hall))
        elif event.name == "room_started" and hall.is_closed:
            await self._livekit.delete_room(hall.livekit_name)

    async def apply(self, tx: Tx, event: LiveKitEvent) -> None:
        """Count whom the event is about. Recorders do not count, nor do rooms that we have no row of.

        Everybody has left a closed hall, and was told to have: what LiveKit says of it later is no news.
        """
        room = await rooms.find(tx, *parse_livekit_name(event.room_name))
        if room is None or (room.is_hall and room.is_closed):
            return
        if event.name == "room_finished":
            await self._all_left(tx, room, event.room_sid)
        elif event.visitor and not event.visitor.is_recorder:
            await self._visit(tx, event.name, _stay(room, event.room_sid, event.visitor))

    async def _visit(self, tx: Tx, name: str, stay: Participant) -> None:
        if name in {"participant_joined", "participant_left"}:
            await self._joined(tx, stay)  # the events of one stay may come in either order
        if name == "participant_left":
            await self._left(tx, stay)

    async def _joined(self, tx: Tx, stay: Participant) -> None:
        if not await participants.join(tx, stay):
            return
        await rooms.note_occupied(tx, stay.tenant_id, stay.room_id)
        for left in await participants.leave_earlier(tx, stay, self._clock.now_ms()):
            await self._events.participant_moved(tx, left)  # a LiveKit that died did not tell
        await self._events.participant_moved(tx, stay)

    async def left_unheard(self, tx: Tx, stay: Participant) -> bool:
        """Count somebody out of whose departure LiveKit did not tell; return whether they counted until now."""
        return await self._left(tx, stay)

    async def _left(self, tx: Tx, stay: Participant) -> bool:
        now_ms = self._clock.now_ms()
        left = await participants.leave(tx, stay.sid, now_ms)
        if left is None:
            return False
        await self._events.participant_moved(tx, left)
        await self._note_if_empty(tx, stay.tenant_id, stay.room_id, now_ms)
        return True

    async def _all_left(self, tx: Tx, room: Room, room_sid: str) -> None:
        """That life of the room is over; whoever is in its next one stays."""
        now_ms = self._clock.now_ms()
        for left in await participants.leave_all(tx, room.tenant_id, room.id, now_ms, room_sid):
            await self._events.participant_moved(tx, left)
        await self._note_if_empty(tx, room.tenant_id, room.id, now_ms)

    async def _note_if_empty(self, tx: Tx, tenant_id: str, room_id: str, now_ms: int) -> None:
        if await participants.count_here(tx, tenant_id, room_id) == 0:
            await rooms.note_emptied(tx, tenant_id, room_id, now_ms)


def _stay(room: Room, room_sid: str, visitor: Visitor) -> Participant:
    return Participant(visitor.sid, room.tenant_id, room.id, room_sid, visitor.identity, visitor.joined_at_ms)
