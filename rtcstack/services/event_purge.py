"""Forget old events: told ones with their deliveries, and applied ones of LiveKit's."""

from rtcstack.clock import Clock
from rtcstack.ports.database import Database
from rtcstack.repositories import inbox, outbox, webhooks

_BATCH = 500
_DAY_MS = 24 * 3600 * 1000


class EventPurge:
    def __init__(self, db: Database, clock: Clock, *, retention_days: int, inbox_retention_days: int) -> None:
        self._db, self._clock = db, clock
        self._kept_ms, self._inbox_kept_ms = retention_days * _DAY_MS, inbox_retention_days * _DAY_MS

    async def run_once(self) -> bool:
        """Forget some; return whether there is more. What LiveKit's signature may still vouch for is never forgotten:
        a repetition of it would be taken for news.
        """
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            told = await outbox.purge(tx, now_ms - self._kept_ms, now_ms, _BATCH)
        async with self._db.transaction() as tx:
            applied = await inbox.purge(tx, now_ms - self._inbox_kept_ms, _BATCH)
            await webhooks.forget(tx, now_ms)
        return _BATCH in {told, applied}
