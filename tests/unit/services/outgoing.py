"""Events for customers, as services put them, and what became of them."""

from rtcstack.domain.webhook import EventName
from tests.unit.services.conftest import TENANT, World


async def put(
    world: World, event: str = EventName.EGRESS_ENDED, room_id: str | None = "r", *, tenant_id: str = TENANT
) -> str:
    """Put an event as every service does, and return its id."""
    async with world.db.transaction() as tx:
        events = world.services.egress_events._events
        await events._told(tx, EventName(event), tenant_id, room_id, {"of": "a test"})
        row = await tx.find("SELECT id FROM outbox ORDER BY seq DESC LIMIT 1")
    assert row is not None
    return str(row["id"])


async def states(world: World) -> list[str]:
    """Return the states of all deliveries, in the order of their events."""
    rows = await world.db.all("SELECT state FROM deliveries ORDER BY outbox_id, endpoint_id")
    return [row["state"] for row in rows]


async def next_try(world: World) -> None:
    """Move the clock to when something may be tried again."""
    [row] = await world.db.all(
        "SELECT min(max(due_at_ms, coalesce(held_until_ms, 0))) AS at_ms FROM deliveries"
        " JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id WHERE state = 'pending'"
    )
    world.clock.at_ms = max(world.clock.at_ms, row["at_ms"])
