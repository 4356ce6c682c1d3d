"""Rooms, their participants and join tokens."""

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from rtcstack.api.errors import WORDS, Words, documented
from rtcstack.api.links import Links
from rtcstack.api.rooms.schemas import (
    CreateRoomRequest,
    InviteBody,
    InviteRequest,
    MuteRequest,
    ParticipantBody,
    RoomBody,
    TokenBody,
    TokenRequest,
)
from rtcstack.domain.api_key import Principal
from rtcstack.domain.instant import iso_ms
from rtcstack.services.invites import Invites
from rtcstack.services.participant_mute import ParticipantMute
from rtcstack.services.rooms import Rooms


class RoomController(Controller):
    path = "/v1/rooms"
    tags = ("Rooms",)
    opt = {WORDS: Words(is_camel=True)}  # noqa: RUF012  # Litestar reads it

    @post("/", status_code=201, summary="Create a room", responses=documented(409, 503, 507))
    async def create(
        self,
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        data: JSONBody[CreateRoomRequest | None] = None,
    ) -> RoomBody:
        asked = data or CreateRoomRequest()
        room = await rooms.create(
            principal.tenant_id,
            room_id=asked.room_id,
            name=asked.name,
            max_participants=asked.max_participants,
            metadata=asked.metadata,
        )
        return RoomBody.from_domain(room)

    @get("/", summary="List the open rooms", description="Newest first, at most 100.", responses=documented())
    async def list_open(
        self, principal: NamedDependency[Principal], rooms: NamedDependency[Rooms]
    ) -> list[RoomBody]:
        return [RoomBody.from_domain(room) for room in await rooms.list(principal.tenant_id)]

    @get("/{room_id:str}", summary="Get a room", responses=documented(404, 503))
    async def get_one(
        self, room_id: FromPath[str], principal: NamedDependency[Principal], rooms: NamedDependency[Rooms]
    ) -> RoomBody:
        return RoomBody.from_domain(await rooms.get(principal.tenant_id, room_id))

    @delete(
        "/{room_id:str}",
        status_code=204,
        summary="Close a room",
        description="Stops its recording, disconnects everybody. Its recordings stay.",
        responses=documented(404, 503),
    )
    async def close(
        self, room_id: FromPath[str], principal: NamedDependency[Principal], rooms: NamedDependency[Rooms]
    ) -> None:
        await rooms.close(principal.tenant_id, room_id)

    @post(
        "/{room_id:str}/tokens",
        status_code=200,
        summary="Make a join token",
        description="Also for a room that is not there yet: LiveKit makes it when somebody joins.",
        responses=documented(404),
    )
    async def token(
        self,
        room_id: FromPath[str],
        data: JSONBody[TokenRequest],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        links: NamedDependency[Links],
    ) -> TokenBody:
        token, expires_at_ms = await rooms.token(
            principal.tenant_id,
            room_id,
            identity=data.identity,
            name=data.name,
            role=data.role,
            ttl_s=data.ttl_seconds,
        )
        return TokenBody(token, links.livekit_url, iso_ms(expires_at_ms))

    @post(
        "/{room_id:str}/invites",
        status_code=200,
        summary="Make a link that people join by, in the browser",
        description="Whoever has it may join until it expires. Also for a room that is not there yet.",
        responses=documented(404),
    )
    async def invite(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        invites: NamedDependency[Invites],
        links: NamedDependency[Links],
        data: JSONBody[InviteRequest | None] = None,
    ) -> InviteBody:
        asked = data or InviteRequest()
        link, expires_at_ms = await invites.make(principal.tenant_id, room_id, asked.role, asked.ttl_seconds)
        return InviteBody(links.join(link), asked.role, iso_ms(expires_at_ms))

    @get("/{room_id:str}/participants", summary="List who is in a room", responses=documented(404, 503))
    async def participants(
        self, room_id: FromPath[str], principal: NamedDependency[Principal], rooms: NamedDependency[Rooms]
    ) -> list[ParticipantBody]:
        return [
            ParticipantBody.from_domain(p) for p in await rooms.participants(principal.tenant_id, room_id)
        ]

    @delete(
        "/{room_id:str}/participants/{identity:str}",
        status_code=204,
        summary="Remove somebody from a room",
        responses=documented(404, 503),
    )
    async def remove_participant(
        self,
        room_id: FromPath[str],
        identity: FromPath[str],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
    ) -> None:
        await rooms.remove_participant(principal.tenant_id, room_id, identity)

    @post(
        "/{room_id:str}/participants/{identity:str}/mute",
        status_code=200,
        summary="Mute somebody in a room",
        description="Their microphones, or all tracks of `source`, or the one of `trackSid`. What is muted already stays so; somebody "
        "without such a source is no failure. It holds until they unmute themselves, and not for what they publish later. "
        "`muted: false` is 409 `unmute_refused` unless LiveKit is configured to unmute others.",
        responses=documented(404, 409, 503),
    )
    async def mute(
        self,
        room_id: FromPath[str],
        identity: FromPath[str],
        principal: NamedDependency[Principal],
        participant_mute: NamedDependency[ParticipantMute],
        data: JSONBody[MuteRequest | None] = None,
    ) -> ParticipantBody:
        asked = (data or MuteRequest()).to_domain()
        participant = await participant_mute.set_muted(principal.tenant_id, room_id, identity, asked)
        return ParticipantBody.from_domain(participant)
