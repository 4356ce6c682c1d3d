"""What a tenant may do now: its plan, and how much of it is used."""

from rtcstack.domain.plan import Plan, Plans
from rtcstack.ports.database import Reader
from rtcstack.repositories import recordings, tenants


class Quotas:
    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    async def plan(self, reader: Reader, tenant_id: str) -> Plan:
        return self._plans.get(await tenants.plan_of(reader, tenant_id))

    async def cap_participants(self, reader: Reader, tenant_id: str, asked: int | None) -> int | None:
        """Return how many may be in a room of the tenant for which `asked` were asked, None for as many as come."""
        return (await self.plan(reader, tenant_id)).cap_participants(asked)

    def first_with_moderation(self) -> str | None:
        return self._plans.lowest_with_moderation()

    async def check_recording(self, reader: Reader, tenant_id: str) -> None:
        """Raises `Conflict` (`quota_reached`) if the tenant may not begin another recording now."""
        plan = await self.plan(reader, tenant_id)
        plan.check_recording(
            running=await recordings.count_active(reader, tenant_id),
            stored_bytes=await recordings.stored_bytes(reader, tenant_id),
        )

    async def check_stored(self, reader: Reader, tenant_id: str) -> None:
        """Raises `Conflict` (`quota_reached`) if the tenant may not store more now."""
        plan = await self.plan(reader, tenant_id)
        plan.check_stored(await recordings.stored_bytes(reader, tenant_id))
