"""What happens to all that waits for an endpoint, to be sent at once or to be given up: a few thousand rows at a time.

Whoever brings it about does the first of them with it; the rest is done here, and may be done after a restart.
"""

from rtcstack.clock import Clock
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import deliveries, webhooks


async def hurry(tx: Tx, endpoint_id: str, now_ms: int) -> None:
    """Make due what waits for the endpoint."""
    if await deliveries.hurry(tx, endpoint_id, now_ms, now_ms):
        await webhooks.note_hurried(tx, endpoint_id, now_ms)


async def begin_anew(tx: Tx, endpoint_id: str, now_ms: int) -> None:
    """Let the schedule of everything that waits for the endpoint begin now."""
    await webhooks.note_begun_anew(tx, endpoint_id, now_ms)
    await hurry(tx, endpoint_id, now_ms)


class Backlogs:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def run_once(self) -> bool:
        """Do a bit for each endpoint that has such a rest; return whether there is more."""
        has_more = [
            await self._give_up(endpoint_id, reason)
            for endpoint_id, reason in await deliveries.list_wanting_nothing(self._db)
        ]
        has_more += [
            await self._hurry(endpoint_id, at_ms)
            for endpoint_id, at_ms in await webhooks.list_hurried(self._db)
        ]
        return any(has_more)

    async def _give_up(self, endpoint_id: str, reason: str) -> bool:
        async with self._db.transaction() as tx:
            return await deliveries.drop_pending(tx, endpoint_id, reason, self._clock.now_ms())

    async def _hurry(self, endpoint_id: str, at_ms: int) -> bool:
        async with self._db.transaction() as tx:
            if await deliveries.hurry(tx, endpoint_id, self._clock.now_ms(), at_ms):
                return True
            await webhooks.note_all_hurried(tx, endpoint_id, at_ms)
        return False
