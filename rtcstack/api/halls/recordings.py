"""The recording object of seed document 000."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.errors import documented
from rtcstack.domain.api_key import Principal
from rtcstack.services.event_bodies import RecordingObject
from rtcstack.services.recording_query import RecordingQuery


class HallRecordingController(Controller):
    path = "/v1/recordings"
    tags = ("Halls",)

    @get(
        "/{recording_id:str}",
        summary="Get a recording",
        description="Also of one that was started on another surface.",
        responses=documented(404),
    )
    async def get_one(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_query: NamedDependency[RecordingQuery],
    ) -> RecordingObject:
        return RecordingObject.from_domain(await recording_query.get(principal.tenant_id, recording_id))
