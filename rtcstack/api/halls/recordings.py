"""The recording object of seed document 000."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.errors import documented
from rtcstack.api.halls.recording_body import HallRecordingBody
from rtcstack.domain.api_key import Principal
from rtcstack.services.recording_query import RecordingQuery


class HallRecordingController(Controller):
    path = "/v1/recordings"
    tags = ("Halls",)

    @get(
        "/{recording_id:str}",
        summary="Get a recording",
        description="Also of one that was started on another surface. What stands below `completed_at` is there only when "
        "there is something to say.",
        responses=documented(404),
    )
    async def get_one(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_query: NamedDependency[RecordingQuery],
    ) -> HallRecordingBody:
        return HallRecordingBody.from_domain(await recording_query.get(principal.tenant_id, recording_id))
