"""Rooms: made, found, listed, closed; who is in them; who may join."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.room import Role, Room, check_metadata, check_room_id, livekit_name
from rtcstack.errors import RoomExists, RoomNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, UniqueViolation
from rtcstack.ports.livekit import LiveKit, Participant
from rtcstack.repositories import rooms
from rtcstack.services.audit import record
from rtcstack.services.quotas import Quotas
from rtcstack.services.room_close import RoomClose
from rtcstack.services.room_shape import shape_of

_LIST_LIMIT = 100


class Rooms:
    def __init__(
        self, db: Database, clock: Clock, livekit: LiveKit, room_close: RoomClose, quotas: Quotas
    ) -> None:
        self._db, self._clock, self._livekit = db, clock, livekit
        self._close, self._quotas = room_close, quotas

    async def create(
        self,
        tenant_id: str,
        *,
        room_id: str | None,
        name: str | None,
        max_participants: int | None,
        metadata: Mapping[str, Any],
    ) -> Room:
        """Make the room here and in LiveKit, with no more participants than the plan allows; a closed one of that id opens again.

        Raises:
            Invalid: the id is none, or the metadata is too large.
            RoomExists: the tenant has an open room of that id.
        """
        now_ms = self._clock.now_ms()
        room_id = new_id("room", now_ms) if room_id is None else check_room_id(room_id)
        cap = await self._quotas.cap_participants(self._db, tenant_id, max_participants)
        room = Room(tenant_id, room_id, name or room_id, now_ms, cap, check_metadata(metadata))
        there = await rooms.find(self._db, tenant_id, room_id)
        if there and (there.is_hall or not there.is_closed):
            raise _exists(there)
        # LiveKit first: without it nothing is made, and the same call can be made again.
        await self.ensure_in_livekit(room)
        await self._insert(room)
        return room

    async def _insert(self, room: Room) -> None:
        async with self._db.transaction() as tx:
            if await rooms.reopen(tx, room):
                return
            try:
                await rooms.add(tx, room)
            except UniqueViolation as e:
                raise _exists(await rooms.find(tx, room.tenant_id, room.id) or room) from e

    async def ensure_in_livekit(self, room: Room) -> None:
        await self._livekit.create_room(room.livekit_name, shape_of(room))

    async def get(self, tenant_id: str, room_id: str) -> Room:
        """Return the open room: one we have a row of, or one that only LiveKit has (its name is its id).

        Raises:
            Invalid: the id cannot be a room's.
            RoomNotFound: neither has it, or it was closed.
        """
        check_room_id(room_id)
        room = await rooms.find(self._db, tenant_id, room_id)
        if room and not room.is_closed:
            return room
        may_open = room is None or not room.is_hall  # a hall that was closed stays so
        if may_open and await self._livekit.has_room(livekit_name(tenant_id, room_id)):
            return await self.adopt(tenant_id, room_id)
        raise RoomNotFound(f"There is no room {room_id}.", room_id=room_id)

    async def get_any(self, tenant_id: str, room_id: str) -> Room:
        """Return the room, also one that was closed: its recordings stay.

        Raises:
            Invalid: the id cannot be a room's.
            RoomNotFound: it never was.
        """
        check_room_id(room_id)
        return await rooms.find(self._db, tenant_id, room_id) or await self.get(tenant_id, room_id)

    async def _unnamed(self, tenant_id: str, room_id: str) -> Room:
        """Return what a room is that nobody made by a call."""
        cap = await self._quotas.cap_participants(self._db, tenant_id, None)
        return Room(tenant_id, room_id, room_id, self._clock.now_ms(), cap)

    async def adopt(self, tenant_id: str, room_id: str) -> Room:
        """Keep a row of a room that somebody makes, or has made, by joining it. One that was closed is open again."""
        room = await self._unnamed(tenant_id, room_id)
        with suppress(RoomExists):  # another request adopted it at the same time
            await self._insert(room)
        return await rooms.find(self._db, tenant_id, room_id) or room

    async def list(self, tenant_id: str) -> Sequence[Room]:
        """Return the open rooms, newest first, at most 100."""
        return await rooms.list_open(self._db, tenant_id, _LIST_LIMIT)

    async def close(self, tenant_id: str, room_id: str) -> None:
        """Stop its recording, disconnect everybody, close it.

        Raises:
            RoomNotFound: there is no open room of that id.
        """
        await self._close.close(await self.get(tenant_id, room_id))

    async def participants(self, tenant_id: str, room_id: str) -> Sequence[Participant]:
        room = await self.get(tenant_id, room_id)
        return await self._livekit.list_participants(room.livekit_name)

    async def remove_participant(self, tenant_id: str, room_id: str, identity: str) -> None:
        """Raises `RoomNotFound`, `ParticipantNotFound`."""
        room = await self.get(tenant_id, room_id)
        await self._livekit.remove_participant(room.livekit_name, identity)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await record(tx, Action.PARTICIPANT_REMOVE, tenant_id, room_id, now_ms, identity=identity)

    async def token(
        self, tenant_id: str, room_id: str, *, identity: str, name: str, role: Role, ttl_s: int
    ) -> tuple[str, int]:
        """Return a join token and when it expires; the room need not be there, LiveKit makes it on joining, with the
        settings that travel in the token.

        Raises:
            Invalid: the id cannot be a room's.
            RoomNotFound: it is a hall's that was closed.
        """
        livekit_room = livekit_name(tenant_id, check_room_id(room_id))
        room = await rooms.find(self._db, tenant_id, room_id)
        if room and room.is_hall and room.is_closed:
            raise RoomNotFound(f"The hall {room_id} was closed.", room_id=room_id)
        room = room or await self._unnamed(tenant_id, room_id)
        shape = shape_of(room)
        token = self._livekit.join_token(livekit_room, identity, name or identity, role, ttl_s, shape)
        return token, self._clock.now_ms() + ttl_s * 1000


def _exists(there: Room) -> RoomExists:
    if there.is_hall:
        state = "was closed, and a hall stays so" if there.is_closed else "is open"
        return RoomExists(f"{there.id} is the id of a hall, which {state}.", room_id=there.id)
    return RoomExists(f"There is a room {there.id} already.", room_id=there.id)
