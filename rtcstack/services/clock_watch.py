"""The clock of this machine set back: what is due at an instant does not wait until that comes again."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.ports.database import Database
from rtcstack.repositories import instants

_log = log.get(__name__)
_BORNE_MS = 60_000
"""By so much everything may be late; clocks that are kept in step never go back further."""


class ClockWatch:
    def __init__(self, db: Database, clock: Clock, *, delivery_lease_ms: int = 0) -> None:
        """`delivery_lease_ms` is what a delivery may take here, if that is more than a minute."""
        self._db, self._clock, self._delivery_lease_ms = db, clock, delivery_lease_ms
        self._was_ms: int | None = None

    async def run_once(self) -> bool:
        """Look at the clock; return whether it was set back by more than a minute since the last look, or since the newest
        event that a process before this one noted.
        """
        was_ms = await instants.latest(self._db) if self._was_ms is None else self._was_ms
        now_ms = self._clock.now_ms()
        if was_ms is not None and was_ms - now_ms > _BORNE_MS:
            _log.warning(
                "this machine's clock was set back: what is due goes by it", by_s=(was_ms - now_ms) // 1000
            )
            async with self._db.transaction() as tx:
                has_seen_it = self._was_ms is not None
                await instants.bring_forward(
                    tx, was_ms, now_ms, has_seen_it=has_seen_it, delivery_lease_ms=self._delivery_lease_ms
                )
            self._was_ms = now_ms
            return True
        self._was_ms = now_ms
        return False
