"""Halls, exactly as seed document 001 has them, and their recordings."""

from typing import Literal

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from rtcstack.api.errors import documented
from rtcstack.api.halls.schemas import CreatedHallBody, CreateHallRequest
from rtcstack.domain.api_key import Principal
from rtcstack.domain.instant import iso_ms
from rtcstack.services.event_bodies import HallObject, RecordingObject
from rtcstack.services.halls import Halls
from rtcstack.services.recording_query import RecordingQuery


class HallController(Controller):
    path = "/v1/halls"
    tags = ("Halls",)

    @post(
        "/",
        status_code=201,
        summary="Create a hall",
        description="Returns a host join token. `max_participants` is capped by the plan.",
        responses=documented(403, 409, 503),
    )
    async def create(
        self,
        data: JSONBody[CreateHallRequest],
        principal: NamedDependency[Principal],
        halls: NamedDependency[Halls],
    ) -> CreatedHallBody:
        hall, token = await halls.create(
            principal.tenant_id,
            name=data.name,
            max_participants=data.max_participants,
            record=data.record,
            moderation=data.moderation,
            metadata=data.metadata,
            moderation_action=data.moderation_action,
        )
        return CreatedHallBody(hall.id, token, iso_ms(hall.created_at_ms))

    @get(
        "/",
        summary="List halls",
        description="Up to 100, newest first; `status` filters.",
        responses=documented(),
    )
    async def list_halls(
        self,
        principal: NamedDependency[Principal],
        halls: NamedDependency[Halls],
        status: FromQuery[Literal["active", "closed"] | None] = None,
    ) -> list[HallObject]:
        is_open = None if status is None else status == "active"
        found = await halls.list(principal.tenant_id, is_open=is_open)
        return [HallObject.from_domain(hall, here) for hall, here in found]

    @get("/{hall_id:str}", summary="Get a hall", responses=documented(404))
    async def get_one(
        self, hall_id: FromPath[str], principal: NamedDependency[Principal], halls: NamedDependency[Halls]
    ) -> HallObject:
        return HallObject.from_domain(*await halls.get(principal.tenant_id, hall_id))

    @delete(
        "/{hall_id:str}",
        status_code=204,
        summary="Close a hall",
        description="Stops any active recording and disconnects everybody. A closed one answers 204 again.",
        responses=documented(404, 503),
    )
    async def close(
        self, hall_id: FromPath[str], principal: NamedDependency[Principal], halls: NamedDependency[Halls]
    ) -> None:
        await halls.close(principal.tenant_id, hall_id)

    @get(
        "/{hall_id:str}/recordings",
        summary="List the recordings of a hall",
        description="Newest first, at most 100.",
        responses=documented(404),
    )
    async def recordings(
        self,
        hall_id: FromPath[str],
        principal: NamedDependency[Principal],
        halls: NamedDependency[Halls],
        recording_query: NamedDependency[RecordingQuery],
    ) -> list[RecordingObject]:
        await halls.get(principal.tenant_id, hall_id)
        found = await recording_query.list_of_room(principal.tenant_id, hall_id)
        return [RecordingObject.from_domain(recording) for recording in found]
