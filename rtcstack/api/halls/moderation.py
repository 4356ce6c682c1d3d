"""What moderation found in a hall: beyond document 001, whose halls have the switch."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.errors import documented
from rtcstack.domain.api_key import Principal
from rtcstack.services.event_bodies import FindingObject
from rtcstack.services.halls import Halls
from rtcstack.services.moderation.findings import Findings


class HallModerationController(Controller):
    path = "/v1/halls"
    tags = ("Halls",)

    @get(
        "/{hall_id:str}/moderation",
        summary="List what moderation found in a hall",
        description="Newest first, at most 100; of a closed hall as well.",
        responses=documented(404),
    )
    async def list_findings(
        self,
        hall_id: FromPath[str],
        principal: NamedDependency[Principal],
        halls: NamedDependency[Halls],
        moderation_findings: NamedDependency[Findings],
    ) -> list[FindingObject]:
        hall, _ = await halls.get(principal.tenant_id, hall_id)
        found = await moderation_findings.list_of_hall(hall)
        return [FindingObject.from_domain(finding) for finding in found]
