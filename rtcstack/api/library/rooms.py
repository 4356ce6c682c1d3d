"""Start, stop and sync the recordings of a room, as the library has them (seed document 003)."""

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.errors import WORDS, Words, documented
from rtcstack.api.library.schemas import (
    STATUS,
    Envelope,
    StartedBody,
    StoppedBody,
    SyncBody,
)
from rtcstack.domain.api_key import Principal
from rtcstack.domain.room import check_room_id
from rtcstack.errors import RecordingNotActive
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.library.sync import RecordingSync
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop


class LibraryRoomController(Controller):
    path = "/api/v1/rooms/{room_id:str}/recordings"
    tags = ("Recordings library",)
    opt = {WORDS: Words(states=STATUS)}  # noqa: RUF012  # Litestar reads it

    @post(
        "/start",
        status_code=201,
        summary="Start recording a room, unless it is being recorded",
        responses=documented(404, 409, 503, 507),
    )
    async def start(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_start: NamedDependency[RecordingStart],
    ) -> Envelope[StartedBody]:
        started = await recording_start.start_new(principal.tenant_id, room_id, CompositeOptions())
        return Envelope(StartedBody.from_domain(started))

    @post(
        "/stop",
        status_code=200,
        summary="Stop the active recording of a room",
        responses=documented(404, 503),
    )
    async def stop(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_stop: NamedDependency[RecordingStop],
    ) -> Envelope[StoppedBody]:
        check_room_id(room_id)
        try:
            stopped = await recording_stop.stop(principal.tenant_id, room_id)
        except RecordingNotActive as e:
            raise RecordingNotActive("No active recording for this room", room_id=room_id) from e
        return Envelope(StoppedBody.from_domain(stopped))

    @post(
        "/sync",
        status_code=200,
        summary="Import recordings of a room that others made",
        description="Egresses that LiveKit has of the room and objects in its folder of the bucket, each once, at most "
        "100 a call. What is imported is announced as any other recording. What lies there and is no recording is not "
        "imported: `skipped` names it.",
        responses=documented(404, 503),
    )
    async def sync(
        self,
        room_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_sync: NamedDependency[RecordingSync],
    ) -> Envelope[SyncBody]:
        found = await recording_sync.sync(principal.tenant_id, room_id)
        return Envelope(SyncBody.from_domain(found))
