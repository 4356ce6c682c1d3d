"""What became of an endpoint's deliveries, test events, and sending again."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.delivery import DeliveryState
from rtcstack.domain.event import DeliveryReport, Event
from rtcstack.domain.webhook import Endpoint, EndpointStatus, EventName
from rtcstack.errors import Conflict, EventNotFound, Invalid, RateLimited
from rtcstack.ports.database import Database
from rtcstack.repositories import deliveries, outbox, webhooks
from rtcstack.services.courier import Courier
from rtcstack.services.delivery_results import DeliveryResults
from rtcstack.services.events import Events
from rtcstack.services.webhooks import not_found

MAX_LIMIT = 100
_TEST_LEASE_MS = 60_000
MOST_TESTS = 5
"""So many tests of an endpoint may wait for its answer at once."""
_TEST_AGAIN_S = 5.0
_BATCH = 250
"""So many events are looked at in one transaction: others want to write as well."""


@dataclass(frozen=True)
class DeliveryPage:
    """`cursor` is where the next page begins, None if this is the last one."""

    deliveries: Sequence[DeliveryReport]
    cursor: str | None


@dataclass(frozen=True)
class Range:
    """Events put from `since_ms` to `until_ms`, or after the event `after`; without delivered ones unless they are to go again."""

    since_ms: int | None = None
    until_ms: int | None = None
    after: str | None = None
    with_delivered: bool = False


@dataclass(frozen=True)
class Replayed:
    """How many deliveries were queued. `after` is the event to go on after, if the range holds more than one call takes."""

    queued: int
    after: str | None = None


class WebhookDeliveries:
    """`most` bounds how many events one replay looks at."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        events: Events,
        courier: Courier,
        results: DeliveryResults,
        *,
        most: int = 10_000,
    ) -> None:
        self._db, self._clock, self._events = db, clock, events
        self._courier, self._results, self._most = courier, results, most

    async def page(
        self,
        tenant_id: str,
        endpoint_id: str,
        *,
        state: DeliveryState | None,
        cursor: str | None,
        limit: int,
    ) -> DeliveryPage:
        """Return at most 100, newest event first. Raises `WebhookNotFound`, and `Invalid` for a cursor that is none."""
        endpoint = await self._endpoint(tenant_id, endpoint_id)
        if cursor is not None and not cursor.startswith("evt_"):
            raise Invalid(
                "This is no cursor; use `next_cursor` as it is.", code="invalid_cursor", field="cursor"
            )
        limit = min(limit, MAX_LIMIT)
        found = await deliveries.page(self._db, endpoint.id, state=state, before=cursor, limit=limit + 1)
        shown = found[:limit]
        return DeliveryPage(shown, shown[-1].outbox_id if len(found) > limit else None)

    async def test(self, tenant_id: str, endpoint_id: str) -> DeliveryReport:
        """Send a test event now, once, whatever the endpoint's state and filters; return what came of it.

        It is pending if it cannot be signed just now, and then goes like any other.

        Raises:
            WebhookNotFound: the tenant has none of that id.
            RateLimited: so many tests of it wait already that this one was not sent.
        """
        endpoint = await self._endpoint(tenant_id, endpoint_id)
        now_ms = self._clock.now_ms()
        lease_until_ms = now_ms + _TEST_LEASE_MS
        async with self._db.transaction() as tx:
            waiting = await deliveries.count_under_way(tx, endpoint, EventName.WEBHOOK_TEST, now_ms)
            if waiting >= MOST_TESTS:
                raise RateLimited(
                    f"{waiting} tests of this endpoint wait for its answer; send another when one has come.",
                    retry_after_s=_TEST_AGAIN_S,
                )
            event = await self._events.webhook_test(tx, endpoint)
            delivery = await deliveries.claim_one(
                tx, event.id, endpoint.id, event.event, event.body, lease_until_ms
            )
        sent = await self._courier.send(endpoint, delivery)
        if sent is not None:
            await self._results.note(delivery, sent, is_last=True)
        else:
            async with self._db.transaction() as tx:
                await deliveries.release(tx, delivery)
        row = await deliveries.find(self._db, endpoint.id, event.id)
        assert row is not None
        return row

    async def replay_one(self, tenant_id: str, endpoint_id: str, event_id: str) -> Replayed:
        """Send one event again, also one that was delivered, or that the endpoint never got.

        Raises:
            WebhookNotFound, EventNotFound: the tenant has none of that id.
            Conflict: the endpoint is disabled.
        """
        endpoint = await self._enabled(tenant_id, endpoint_id)
        event = await self._event(tenant_id, event_id)
        async with self._db.transaction() as tx:
            queued = await deliveries.queue(
                tx, [(event.id, endpoint.id)], self._clock.now_ms(), with_delivered=True
            )
        return Replayed(queued)

    async def replay(self, tenant_id: str, endpoint_id: str, which: Range) -> Replayed:
        """Queue what the endpoint wants and has not got of a range, oldest first; tests are left out.

        Raises:
            WebhookNotFound, EventNotFound: the tenant has none of that id.
            Invalid: the range ends before it begins.
            Conflict: the endpoint is disabled.
        """
        endpoint = await self._enabled(tenant_id, endpoint_id)
        now_ms = self._clock.now_ms()
        until_ms = min(now_ms, now_ms if which.until_ms is None else which.until_ms)
        if which.since_ms is not None and which.since_ms > until_ms:
            raise Invalid("since: must be before until, and not in the future.", field="since")
        place, queued, looked_at = await self._begin(tenant_id, which), 0, 0
        while looked_at < self._most:
            batch = min(_BATCH, self._most - looked_at)
            found = await outbox.list_between(self._db, tenant_id, place, until_ms, batch)
            queued += await self._queue(endpoint, found, with_delivered=which.with_delivered)
            if len(found) < batch:
                return Replayed(queued)
            place, looked_at = (found[-1].created_at_ms, found[-1].seq), looked_at + len(found)
        return Replayed(queued, found[-1].id)

    async def _begin(self, tenant_id: str, which: Range) -> tuple[int, int]:
        """Return the place, instant and `seq`, after which the range begins."""
        since = ((which.since_ms or 0), 0)
        if which.after is None:
            return since
        event = await self._event(tenant_id, which.after)
        return max(since, (event.created_at_ms, event.seq))

    async def _queue(self, endpoint: Endpoint, found: Sequence[Event], *, with_delivered: bool) -> int:
        wanted = [
            (event.id, endpoint.id)
            for event in found
            if event.event != EventName.WEBHOOK_TEST and endpoint.wants(event.event, event.room_id)
        ]
        async with self._db.transaction() as tx:
            return await deliveries.queue(tx, wanted, self._clock.now_ms(), with_delivered=with_delivered)

    async def _endpoint(self, tenant_id: str, endpoint_id: str) -> Endpoint:
        found = await webhooks.find_endpoint(self._db, tenant_id, endpoint_id)
        if found is None:
            raise not_found(endpoint_id)
        return found

    async def _enabled(self, tenant_id: str, endpoint_id: str) -> Endpoint:
        endpoint = await self._endpoint(tenant_id, endpoint_id)
        if endpoint.status is EndpointStatus.DISABLED:
            raise Conflict(
                f"The endpoint is disabled: {endpoint.disabled_reason}. Enable it with paused: false.",
                code="webhook_disabled",
            )
        return endpoint

    async def _event(self, tenant_id: str, event_id: str) -> Event:
        event = await outbox.find(self._db, tenant_id, event_id)
        if event is None:
            raise EventNotFound(f"There is no event {event_id[:100]}, or it is older than events are kept.")
        return event
