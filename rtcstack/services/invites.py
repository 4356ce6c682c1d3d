"""Links into rooms: made for somebody, looked at, and taken in for a join token that LiveKit knows."""

from dataclasses import dataclass
from typing import Literal

from rtcstack.clock import Clock
from rtcstack.domain.invite import Invite, check_guest_name, read, read_any, sign
from rtcstack.domain.recording import RecordingState
from rtcstack.domain.room import Role, Room, check_room_id, livekit_name
from rtcstack.errors import LinkExpired, LinkInvalid, RoomFull, RoomNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import recordings, rooms
from rtcstack.services.rooms import Rooms

_TOKEN_TTL_S = 300
"""Long enough to connect; LiveKit renews the token of whoever is connected."""
Taken = Literal["off", "on", "paused"]
"""Whether what is said and shown is being recorded."""
_TAKEN: dict[RecordingState, Taken] = {
    RecordingState.STARTING: "on",
    RecordingState.RECORDING: "on",
    RecordingState.PAUSED: "paused",
}


@dataclass(frozen=True)
class Meeting:
    """What a link leads to."""

    tenant_id: str
    room_id: str
    name: str
    role: Role
    recording: Taken


@dataclass(frozen=True)
class Admission:
    """A join token under an identity of its own."""

    token: str
    identity: str
    name: str


class Invites:
    def __init__(
        self, db: Database, clock: Clock, livekit: LiveKit, rooms_: Rooms, *, key: bytes, open_rooms: bool
    ) -> None:
        self._db, self._clock, self._livekit, self._rooms = db, clock, livekit, rooms_
        self._key, self._open_rooms = key, open_rooms

    async def make(self, tenant_id: str, room_id: str, role: Role, ttl_s: int) -> tuple[str, int]:
        """Return what stands behind `/join/`, and when it expires; the room need not be there yet.

        Raises:
            Invalid: the id cannot be a room's.
            RoomNotFound: it is a hall's that was closed.
        """
        room = await rooms.find(self._db, tenant_id, check_room_id(room_id))
        if room and room.is_hall and room.is_closed:
            raise RoomNotFound(f"The hall {room_id} was closed.", room_id=room_id)
        expires_at_s = self._clock.now_ms() // 1000 + ttl_s
        return sign(Invite(tenant_id, room_id, role, expires_at_s), self._key), expires_at_s * 1000

    def has_signed(self, link: str) -> bool:
        """Return whether the link was made here, whatever became of it; otherwise it is a name, or a guess."""
        try:
            return not read_any(link, self._key).is_open
        except LinkInvalid:
            return False

    async def look(self, link: str) -> Meeting:
        """Return what the link leads to now.

        Raises:
            LinkInvalid, LinkExpired
            RoomNotFound: the room was closed; or the link is the bare name of a room that is not open to everybody.
        """
        return (await self._found(self._read(link)))[0]

    async def look_from_inside(self, link: str, identity: str) -> Meeting:
        """Return what the link leads to now; for whoever is in the room by it as `identity` it does not expire.

        Raises what `look` raises.
        """
        try:
            return await self.look(link)
        except LinkExpired:
            invite = read_any(link, self._key)
            if not identity or not await self._is_inside(invite, identity):
                raise
            return (await self._found(invite))[0]

    async def _is_inside(self, invite: Invite, identity: str) -> bool:
        here = await self._livekit.list_visitors(livekit_name(invite.tenant_id, invite.room_id))
        return any(one.identity == identity for one in here)

    async def admit(self, link: str, name: str) -> Admission:
        """Let somebody in under that name. The room is ours from now on, so that events tell who comes and goes.

        Raises:
            Invalid: nobody can have such a name.
            RoomFull
            LinkInvalid, LinkExpired, RoomNotFound: as `look`.
        """
        shown = check_guest_name(name)
        meeting, room = await self._found(self._read(link))
        room = room or await self._rooms.adopt(meeting.tenant_id, meeting.room_id)
        await self._check_space(room)
        identity = new_id("guest", self._clock.now_ms())
        token, _ = await self._rooms.token(
            meeting.tenant_id,
            meeting.room_id,
            identity=identity,
            name=shown,
            role=meeting.role,
            ttl_s=_TOKEN_TTL_S,
        )
        return Admission(token, identity, shown)

    def _read(self, link: str) -> Invite:
        return read(link, self._key, self._clock.now_ms())

    async def _found(self, invite: Invite) -> tuple[Meeting, Room | None]:
        room = await (self._open(invite) if invite.is_open else self._invited(invite))
        active = await recordings.find_active(self._db, invite.tenant_id, invite.room_id)
        taken = _TAKEN.get(active.state, "off") if active else "off"
        name = room.name if room else invite.room_id
        return Meeting(invite.tenant_id, invite.room_id, name, invite.role, taken), room

    async def _open(self, invite: Invite) -> Room:
        """Return the room of that name: a stranger can join one, and make none."""
        if not self._open_rooms:
            raise RoomNotFound("Rooms are joined here by a link that somebody sends you.")
        return await self._rooms.get(invite.tenant_id, invite.room_id)

    async def _invited(self, invite: Invite) -> Room | None:
        """Return the room that somebody is invited to; None for one that whoever joins first makes, or makes again.

        Lobbies ask every few seconds, also while a room is being closed: asking must not open it.
        """
        room = await rooms.find(self._db, invite.tenant_id, invite.room_id)
        if room is None or not room.is_closed:
            return room
        if not room.is_hall and await self._livekit.has_room(room.livekit_name):
            return None
        raise RoomNotFound(f"{room.name} was closed.", room_id=room.id)

    async def _check_space(self, room: Room) -> None:
        """LiveKit holds the limit itself, but does not say in words that the room is full."""
        if room.max_participants is None:
            return
        visitors = await self._livekit.list_visitors(room.livekit_name)
        if sum(not one.is_recorder for one in visitors) >= room.max_participants:
            raise RoomFull(f"{room.name} is full. Somebody has to leave before you can join.")
