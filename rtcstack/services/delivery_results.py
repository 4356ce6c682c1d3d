"""Note what came of deliveries, and what follows for their endpoints: many at a time, in one transaction."""

import random
from collections.abc import Sequence

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.delivery import (
    DeliveryState,
    Health,
    bounded_retry_after_s,
    is_gone,
    is_success,
    retry_in_s,
)
from rtcstack.domain.webhook import Endpoint
from rtcstack.metrics.counted import DELIVERIES, DELIVERY_TIME, REQUESTS
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import deliveries, webhooks
from rtcstack.repositories.deliveries import Delivery, Result
from rtcstack.services import backlogs
from rtcstack.services.courier import Sent
from rtcstack.services.events import Events
from rtcstack.services.group_commit import GroupCommit

_log = log.get(__name__)
_Noted = tuple[Delivery, Sent, bool]


class DeliveryResults:
    def __init__(self, db: Database, clock: Clock, events: Events, rng: random.Random) -> None:
        self._clock, self._events, self._rng = clock, events, rng
        self._commit = GroupCommit(db, self._write)

    async def note(self, delivery: Delivery, sent: Sent, *, is_last: bool = False) -> bool:
        """Return whether the claim was still the holder. `is_last`: if it failed it is not tried again."""
        is_held = await self._commit.add((delivery, sent, is_last))
        if is_held:
            self._count(delivery, sent)
        return is_held

    def _count(self, delivery: Delivery, sent: Sent) -> None:
        attempt = sent.attempt
        REQUESTS.observe(attempt.duration_ms / 1000)
        if is_success(attempt.status_code):
            DELIVERIES.labels("delivered").inc()
            DELIVERY_TIME.observe(max(0.0, (self._clock.now_ms() - delivery.queued_at_ms) / 1000))
        else:
            DELIVERIES.labels("unreachable" if attempt.status_code is None else "refused").inc()

    async def _write(self, tx: Tx, noted: Sequence[_Noted]) -> Sequence[bool]:
        now_ms = self._clock.now_ms()
        results = [self._result(*one, now_ms) for one in noted]
        held = await deliveries.record_all(tx, results, now_ms)
        by_endpoint: dict[str, list[Sent]] = {}
        for (delivery, sent, _), is_held in zip(noted, held, strict=True):
            if is_held and not sent.is_ours:
                by_endpoint.setdefault(delivery.endpoint_id, []).append(sent)
        for endpoint_id, tries in by_endpoint.items():
            await self._follow(tx, endpoint_id, tries, now_ms)
        for result in results:
            _tell(result)
        return held

    def _result(self, delivery: Delivery, sent: Sent, is_last: bool, now_ms: int) -> Result:
        attempt = sent.attempt
        state, due_at_ms = DeliveryState.DELIVERED, now_ms
        if not is_success(attempt.status_code):
            wait_s = retry_in_s((now_ms - delivery.queued_at_ms) / 1000, self._rng)
            is_over = is_last or wait_s is None
            state = DeliveryState.FAILED if is_over else DeliveryState.PENDING
            due_at_ms += round(max(wait_s or 0.0, bounded_retry_after_s(attempt.retry_after_s)) * 1000)
        return Result(
            delivery,
            state,
            due_at_ms,
            attempt.status_code,
            attempt.response,
            attempt.error,
            attempt.duration_ms,
            sent.at_ms,
            sent.signature,
        )

    async def _follow(self, tx: Tx, endpoint_id: str, tries: Sequence[Sent], now_ms: int) -> None:
        """Keep how the endpoint fares. One that was deleted or disabled meanwhile fares no more."""
        statuses = [sent.attempt.status_code for sent in tries]
        endpoint = await webhooks.find_live(tx, endpoint_id)
        if endpoint is None:
            return
        health = webhooks.health_of(endpoint)
        if any(map(is_gone, statuses)):
            await self._disable(tx, endpoint, "the endpoint answered 410 Gone", now_ms)
        elif any(map(is_success, statuses)):
            await self._recovered(tx, endpoint_id, health, tries, now_ms)
        else:
            await self._failed(tx, endpoint, health, tries, now_ms)

    async def _recovered(
        self, tx: Tx, endpoint_id: str, health: Health, tries: Sequence[Sent], now_ms: int
    ) -> None:
        """What was asked for by `Retry-After` holds, whatever else was under way; what an outage made it wait for does not."""
        asked_s = max(bounded_retry_after_s(sent.attempt.retry_after_s) for sent in tries)
        held_ms = max(now_ms + round(asked_s * 1000), 0 if health.is_outage else health.held_until_ms or 0)
        well = Health(held_until_ms=held_ms if held_ms > now_ms else None)
        if health == well:
            return
        await webhooks.note_health(tx, endpoint_id, well)
        if health.is_outage:
            _log.info("a webhook endpoint answers again", endpoint_id=endpoint_id, failures=health.failures)
            await backlogs.hurry(tx, endpoint_id, now_ms)

    async def _failed(
        self, tx: Tx, endpoint: Endpoint, health: Health, tries: Sequence[Sent], now_ms: int
    ) -> None:
        for sent in tries:
            health = health.after_failure(now_ms, sent.attempt.retry_after_s, self._rng)
        await webhooks.note_health(tx, endpoint.id, health)
        if health.is_hopeless(now_ms):
            await self._disable(tx, endpoint, "every try failed for five days", now_ms)

    async def _disable(self, tx: Tx, endpoint: Endpoint, reason: str, now_ms: int) -> None:
        if await webhooks.disable_endpoint(tx, endpoint.id, reason, now_ms):
            await deliveries.drop_pending(tx, endpoint.id, reason, now_ms, with_claimed=True)
            await self._events.webhook_disabled(tx, endpoint, reason, now_ms)
            _log.warning("a webhook endpoint was disabled", endpoint_id=endpoint.id, reason=reason)


def _tell(result: Result) -> None:
    say = _log.debug if result.state is DeliveryState.DELIVERED else _log.info
    say(
        "webhook delivery",
        event_id=result.delivery.outbox_id,
        endpoint_id=result.delivery.endpoint_id,
        state=result.state,
        status=result.status_code,
        error=result.error,
        duration_ms=result.duration_ms,
    )
