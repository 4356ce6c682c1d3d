"""Deliver events: claim what is due, send it, note what came of it. At least once, always under the same id."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.delivery import OUTAGE, Attempt
from rtcstack.domain.webhook import Endpoint
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import deliveries
from rtcstack.repositories.deliveries import Delivery
from rtcstack.services.courier import Courier, Sent
from rtcstack.services.delivery_results import DeliveryResults

_log = log.get(__name__)
_AT_ONCE = 8
"""So many deliveries go to one endpoint at once."""
_BUSY = 128
"""When so many are under way in all, each further endpoint has one at a time: those that hang keep nobody waiting."""
_MOST = 512
_REFILL = 4
"""An endpoint gets more as soon as so many places are free, or when it has nothing under way."""
_ENDPOINTS = 32
"""So many are claimed for in one transaction."""
_LEASE_MARGIN_S = 10.0
_DRAIN_S = 4.0


def lease_ms(timeout_s: float) -> int:
    """Return for how long a delivery is whose that may take so many seconds."""
    return round((timeout_s + _LEASE_MARGIN_S) * 1000)


class Outbox:
    """Claims for every endpoint up to its own bound, so that one that hangs delays nobody else. `on_done`: places are free."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        courier: Courier,
        results: DeliveryResults,
        rng: random.Random,
        *,
        timeout_s: float,
    ) -> None:
        self._db, self._clock, self._courier, self._results, self._rng = db, clock, courier, results, rng
        self._lease_ms = lease_ms(timeout_s)
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._busy: dict[str, int] = {}
        self.on_done: Callable[[], None] = lambda: None

    async def deliver_due(self) -> bool:
        """Begin to send what is due, as far as there are places; return whether there was anything."""
        due = [e for e in await deliveries.due_endpoints(self._db, self._clock.now_ms()) if self._places(e)]
        if not due:
            return False
        self._rng.shuffle(due)
        claimed = await self._claim(due)
        for endpoint, delivery in claimed:
            self._begin(endpoint, delivery)
        return bool(claimed)

    async def drain(self) -> None:
        """Wait a little for what is under way, and let go of the rest: the next process need not wait for its leases."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_DRAIN_S)
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            async with self._db.transaction() as tx:
                for delivery in left.values():
                    await deliveries.release(tx, delivery)

    def _places(self, endpoint: Endpoint) -> int:
        """Return how many more deliveries may go to the endpoint now."""
        busy, total = self._busy.get(endpoint.id, 0), len(self._under_way)
        if total >= _MOST:
            return 0
        bound = 1 if endpoint.failures >= OUTAGE or total >= _BUSY else _AT_ONCE
        free = bound - busy
        return free if busy == 0 or free >= _REFILL else 0

    async def _claim(self, due: Sequence[Endpoint]) -> Sequence[tuple[Endpoint, Delivery]]:
        claimed: list[tuple[Endpoint, Delivery]] = []
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            for endpoint in due[:_ENDPOINTS]:
                places = self._places(endpoint)
                taken = await deliveries.claim(tx, endpoint, now_ms, now_ms + self._lease_ms, places)
                claimed += [(endpoint, delivery) for delivery in taken]
        return claimed

    def _begin(self, endpoint: Endpoint, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(endpoint, delivery), name=f"webhook:{endpoint.id}")
        self._under_way[task] = delivery
        self._busy[endpoint.id] = self._busy.get(endpoint.id, 0) + 1
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        endpoint_id = self._under_way.pop(task).endpoint_id
        self._busy[endpoint_id] -= 1
        if not (busy := self._busy[endpoint_id]):
            del self._busy[endpoint_id]
        if busy <= _AT_ONCE - _REFILL:
            self.on_done()

    async def _deliver(self, endpoint: Endpoint, delivery: Delivery) -> None:
        with suppress(asyncio.CancelledError):
            try:
                sent = await self._courier.send(endpoint, delivery)
                if sent is not None:
                    await self._results.note(delivery, sent)
            except RtcError as e:
                _log.warning("what came of a delivery is lost; it goes again", error=e.message)
            except Exception:  # noqa: BLE001  # a delivery ends alone, whatever it ran into
                _log.exception("a delivery ran into a fault of this program")
                await self._note_fault(delivery)

    async def _note_fault(self, delivery: Delivery) -> None:
        """Count it as a try for which the endpoint is not to blame: otherwise it would go again for ever."""
        failed = Attempt(None, "", "it could not be sent for a fault of this program: see the log", 0)
        with suppress(RtcError):  # when its lease is over it goes again
            await self._results.note(delivery, Sent(failed, self._clock.now_ms(), is_ours=True))
