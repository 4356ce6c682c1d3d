"""Deliver events: claim what is due, send it signed, note what came of it. At least once, always under the same id."""

import asyncio
import random
from collections.abc import Callable, Sequence

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.webhook import DeliveryState, Endpoint, retry_in_s, sign
from rtcstack.errors import Internal, Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.repositories import webhooks
from rtcstack.repositories.webhooks import Attempt, Delivery
from rtcstack.services.webhooks import seal_context

_log = log.get(__name__)
_ENDPOINTS = 100
"""So many endpoints are served at once."""
_BATCH = 8
"""So many deliveries go to one endpoint at once."""
_LEASE_MS = 60_000
_GONE = 410


class Outbox:
    """Each endpoint has a task of its own: one that hangs delays nobody else. `on_done` is told when one ends."""

    def __init__(
        self, db: Database, clock: Clock, sender: WebhookSender, sealer: Sealer, rng: random.Random
    ) -> None:
        self._db, self._clock, self._sender, self._sealer, self._rng = db, clock, sender, sealer, rng
        self._serving: dict[str, asyncio.Task[None]] = {}
        self.on_done: Callable[[], None] = lambda: None

    async def deliver_due(self) -> bool:
        """Begin to send what is due to endpoints that are not being served; return whether there was anything."""
        due = await webhooks.due_endpoints(self._db, self._clock.now_ms(), _ENDPOINTS)
        began = False
        for endpoint_id in due:
            if endpoint_id not in self._serving and len(self._serving) < _ENDPOINTS:
                began |= await self._serve(endpoint_id)
        return began

    async def drain(self) -> None:
        """Return when everything that was begun has been answered."""
        while self._serving:
            await asyncio.gather(*self._serving.values(), return_exceptions=True)

    async def _serve(self, endpoint_id: str) -> bool:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            claimed = await webhooks.claim(tx, endpoint_id, now_ms, now_ms + _LEASE_MS, _BATCH)
        if claimed:
            task = asyncio.create_task(self._deliver_all(claimed), name=f"webhook:{endpoint_id}")
            self._serving[endpoint_id] = task
            task.add_done_callback(lambda _: self._served(endpoint_id))
        return bool(claimed)

    def _served(self, endpoint_id: str) -> None:
        del self._serving[endpoint_id]
        self.on_done()

    async def _deliver_all(self, claimed: Sequence[Delivery]) -> None:
        try:
            await asyncio.gather(*(self._deliver(delivery) for delivery in claimed))
        except Exception:  # noqa: BLE001  # an endpoint's task ends alone, whatever it ran into
            _log.exception("deliveries were cut off; their lease lets them go again")

    async def _deliver(self, delivery: Delivery) -> None:
        endpoint = await webhooks.find_endpoint(self._db, delivery.endpoint_id)
        assert endpoint is not None
        try:
            attempt = await self._send(endpoint, delivery)
        except Internal as e:
            _log.error("a webhook cannot be signed", endpoint=endpoint.id, error=e.message)
            attempt = Attempt(None, "", "the endpoint's signing secret cannot be opened here", 0)
        except Upstream as e:
            # That is no failure of the endpoint's and counts for none: when the lease has run out it goes again.
            _log.warning("a webhook cannot be signed now", endpoint=endpoint.id, error=e.message)
            return
        await self._note(delivery, attempt)

    async def _send(self, endpoint: Endpoint, delivery: Delivery) -> Attempt:
        body = delivery.body.encode()
        timestamp_s = self._clock.now_ms() // 1000
        secret = await self._sealer.open(endpoint.tenant_id, endpoint.secret, seal_context(endpoint.id))
        headers = {
            "content-type": "application/json",
            "user-agent": "rtcstack",
            "webhook-id": delivery.outbox_id,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": sign(secret, delivery.outbox_id, timestamp_s, body),
        }
        return await self._sender.post(endpoint.url, body, headers)

    async def _note(self, delivery: Delivery, attempt: Attempt) -> None:
        now_ms = self._clock.now_ms()
        state, due_at_ms = self._outcome(delivery, attempt, now_ms)
        async with self._db.transaction() as tx:
            is_mine = await webhooks.record(
                tx, delivery, attempt, state=state, due_at_ms=due_at_ms, now_ms=now_ms
            )
            if is_mine and attempt.status_code == _GONE:
                await webhooks.disable_endpoint(
                    tx, delivery.endpoint_id, "the endpoint answered 410 Gone", now_ms
                )
        _log.info(
            "webhook delivery",
            delivery=delivery.outbox_id,
            endpoint=delivery.endpoint_id,
            state=state,
            status=attempt.status_code,
            error=attempt.error,
            duration_ms=attempt.duration_ms,
        )

    def _outcome(self, delivery: Delivery, attempt: Attempt, now_ms: int) -> tuple[DeliveryState, int]:
        """Only 2xx is a delivery; a redirect is not followed and counts as a failure."""
        if attempt.status_code is not None and attempt.status_code // 100 == 2:  # noqa: PLR2004  # 2xx
            return DeliveryState.DELIVERED, now_ms
        wait_s = retry_in_s(delivery.attempts + 1, self._rng)
        if attempt.status_code == _GONE or wait_s is None:
            return DeliveryState.FAILED, now_ms
        return DeliveryState.PENDING, now_ms + round(max(wait_s, attempt.retry_after_s or 0) * 1000)
