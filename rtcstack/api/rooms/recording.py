"""Start, stop and status of a room's recording, exactly as seed document 004 has them; the list of its recordings."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from rtcstack.api.errors import WORDS, Words, documented
from rtcstack.api.rooms.schemas import (
    LayoutBody,
    LayoutRequest,
    PauseBody,
    RecordingBody,
    StartBody,
    StartRequest,
    StatusBody,
    StopBody,
)
from rtcstack.domain.api_key import Principal
from rtcstack.errors import RecordingNotActive
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.recording_layout import RecordingLayout
from rtcstack.services.recording_pause import RecordingPause
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.rooms import Rooms


class RecordingController(Controller):
    path = "/v1/rooms/{room_id:str}"
    tags = ("Room recording",)
    opt = {WORDS: Words(is_camel=True)}  # noqa: RUF012  # Litestar reads it

    @post(
        "/recording/start",
        status_code=200,
        summary="Start recording a room",
        description="Idempotent: on a room that is being recorded it answers with the recording that runs.",
        responses=documented(404, 409, 503, 507),
    )
    async def start(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_start: NamedDependency[RecordingStart],
        data: JSONBody[StartRequest | None] = None,
    ) -> StartBody:
        options = data.to_domain() if data else CompositeOptions()
        return StartBody.from_domain(await recording_start.start(principal.tenant_id, room_id, options))

    @post(
        "/recording/stop",
        status_code=200,
        summary="Stop the active recording of a room",
        description="The file is available once the `egress_ended` webhook fires. A recording that waits for an Egress "
        "worker is cancelled; as nothing was being recorded, the answer is 404.",
        responses=documented(404, 503),
    )
    async def stop(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        recording_stop: NamedDependency[RecordingStop],
    ) -> StopBody:
        await rooms.get(principal.tenant_id, room_id)
        stopped = await recording_stop.stop(principal.tenant_id, room_id)
        if stopped.egress_id is None:
            raise RecordingNotActive(
                f"Room {room_id} was not being recorded yet. The recording that waited for an Egress worker is cancelled.",
                roomId=room_id,
            )
        return StopBody(stopped.egress_id)

    @post(
        "/recording/pause",
        status_code=200,
        summary="Pause the active recording of a room",
        description="Nothing is taken into the file until it is resumed; the file goes on without a gap. Idempotent.",
        responses=documented(404, 409, 503),
    )
    async def pause(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        recording_pause: NamedDependency[RecordingPause],
    ) -> PauseBody:
        await rooms.get(principal.tenant_id, room_id)
        return PauseBody.from_domain(await recording_pause.pause(principal.tenant_id, room_id))

    @post(
        "/recording/resume",
        status_code=200,
        summary="Let the paused recording of a room go on",
        description="In the same file, with a keyframe where it goes on. Idempotent.",
        responses=documented(404, 409, 503),
    )
    async def resume(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        recording_pause: NamedDependency[RecordingPause],
    ) -> PauseBody:
        await rooms.get(principal.tenant_id, room_id)
        return PauseBody.from_domain(await recording_pause.resume(principal.tenant_id, room_id))

    @post(
        "/recording/layout",
        status_code=200,
        summary="Change the layout of the active recording of a room",
        description="It changes within a moment, in the file that is being recorded. `maxTiles` is for the grid: of more "
        "people those are shown who spoke last.",
        responses=documented(404, 503),
    )
    async def layout(
        self,
        room_id: FromPath[str],
        data: JSONBody[LayoutRequest],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        recording_layout: NamedDependency[RecordingLayout],
    ) -> LayoutBody:
        await rooms.get(principal.tenant_id, room_id)
        changed = await recording_layout.change(principal.tenant_id, room_id, data.layout, data.max_tiles)
        return LayoutBody.from_domain(changed)

    @get("/recording", summary="Get the recording status of a room", responses=documented(404, 503))
    async def status(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        recording_query: NamedDependency[RecordingQuery],
    ) -> StatusBody:
        await rooms.get(principal.tenant_id, room_id)
        return StatusBody.from_domain(await recording_query.find_active(principal.tenant_id, room_id))

    @get(
        "/recordings",
        summary="List the recordings of a room",
        description="Newest first, at most 100. `downloadUrl` is a link that expires, null until the file is ready.",
        responses=documented(404, 503),
    )
    async def recordings(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        rooms: NamedDependency[Rooms],
        recording_query: NamedDependency[RecordingQuery],
    ) -> list[RecordingBody]:
        await rooms.get_any(principal.tenant_id, room_id)
        found = await recording_query.list_of_room(principal.tenant_id, room_id)
        urls = await recording_query.download_urls(principal.tenant_id, room_id, found)
        return [RecordingBody.from_domain(r, url) for r, url in zip(found, urls, strict=True)]
