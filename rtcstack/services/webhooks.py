"""Endpoints that customers register."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.room import check_room_id
from rtcstack.domain.webhook import ROTATION_MS, Endpoint, EndpointStatus, EventName, new_secret
from rtcstack.errors import Conflict, Invalid, WebhookNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.repositories import deliveries, webhooks
from rtcstack.repositories.deliveries import DELETED
from rtcstack.services import backlogs
from rtcstack.services.audit import record
from rtcstack.services.courier import seal_context

_MAX_ROOMS = 100
_ROTATE_TRIES = 3


@dataclass(frozen=True)
class WebhookChange:
    """What is to be different; None leaves it as it is. `paused=False` also enables one that was disabled."""

    url: str | None = None
    events: Sequence[str] | None = None
    rooms: Sequence[str] | None = None
    paused: bool | None = None


class Webhooks:
    def __init__(
        self, db: Database, clock: Clock, sender: WebhookSender, sealer: Sealer, *, max_endpoints: int
    ) -> None:
        self._db, self._clock, self._sender, self._sealer = db, clock, sender, sealer
        self._max_endpoints = max_endpoints

    async def create(
        self, tenant_id: str, url: str, events: Sequence[str] = (), rooms: Sequence[str] = ()
    ) -> tuple[Endpoint, str]:
        """Return the endpoint and its signing secret, which nobody can see again.

        Raises:
            Invalid: the URL is none that we deliver to, an event's name is unknown, or a room's id cannot be one.
            Conflict: the tenant has as many endpoints as it may.
        """
        events, rooms = check_events(events), _check_rooms(rooms)
        await self._sender.check_url(url)
        now_ms = self._clock.now_ms()
        endpoint_id, secret = new_id("whk", now_ms), new_secret()
        sealed = await self._sealer.seal(tenant_id, secret, seal_context(endpoint_id))
        endpoint = Endpoint(
            endpoint_id, tenant_id, url, events, sealed, now_ms, rooms=rooms, updated_at_ms=now_ms
        )
        async with self._db.transaction() as tx:
            if len(await webhooks.list_endpoints(tx, tenant_id)) >= self._max_endpoints:
                raise Conflict(
                    f"A tenant may have {self._max_endpoints} webhooks; delete one first.",
                    code="webhook_limit",
                )
            await webhooks.add_endpoint(tx, endpoint)
            await record(tx, Action.WEBHOOK_CREATE, tenant_id, endpoint_id, now_ms, host=_host(url))
        return endpoint, secret

    async def list(self, tenant_id: str) -> Sequence[Endpoint]:
        return await webhooks.list_endpoints(self._db, tenant_id)

    async def get(self, tenant_id: str, endpoint_id: str) -> Endpoint:
        """Raises `WebhookNotFound`."""
        found = await webhooks.find_endpoint(self._db, tenant_id, endpoint_id)
        if found is None:
            raise not_found(endpoint_id)
        return found

    async def change(self, tenant_id: str, endpoint_id: str, change: WebhookChange) -> Endpoint:
        """Return the endpoint as it is then. What waited while it was paused goes out; what it missed while it was disabled
        does not, and can be replayed.

        Raises:
            WebhookNotFound: the tenant has none of that id.
            Invalid: as with `create`.
        """
        await self.get(tenant_id, endpoint_id)
        events = None if change.events is None else check_events(change.events)
        rooms = None if change.rooms is None else _check_rooms(change.rooms)
        if change.url is not None:
            await self._sender.check_url(change.url)
        if change.paused is False:
            await self._drop_rest(tenant_id, endpoint_id)
        async with self._db.transaction() as tx:
            was = await webhooks.find_endpoint(tx, tenant_id, endpoint_id)
            if was is None:
                raise not_found(endpoint_id)
            now = replace(
                was,
                url=was.url if change.url is None else change.url,
                events=was.events if events is None else events,
                rooms=was.rooms if rooms is None else rooms,
                updated_at_ms=self._clock.now_ms(),
            )
            if change.url not in {None, was.url}:
                now = _as_new(now)
            if change.paused is not None:
                now = await self._paused(tx, now, paused=change.paused)
            await webhooks.change_endpoint(tx, now)
            what: dict[str, Any] = {
                "fields": [name for name, value in vars(change).items() if value is not None]
            }
            if change.url is not None:
                what["host"] = _host(change.url)
            await record(tx, Action.WEBHOOK_CHANGE, tenant_id, now.id, now.updated_at_ms, **what)
        return now

    async def _paused(self, tx: Tx, endpoint: Endpoint, *, paused: bool) -> Endpoint:
        now_ms = self._clock.now_ms()
        if paused:
            return replace(endpoint, paused_at_ms=endpoint.paused_at_ms or now_ms)
        if endpoint.status is EndpointStatus.ACTIVE:
            return endpoint
        await backlogs.begin_anew(tx, endpoint.id, now_ms)
        return replace(_as_new(endpoint), paused_at_ms=None, disabled_at_ms=None, disabled_reason=None)

    async def _drop_rest(self, tenant_id: str, endpoint_id: str) -> None:
        """What a disabled endpoint missed does not go out when it is enabled, also if not all of it was given up yet."""
        has_more = True
        while has_more:
            async with self._db.transaction() as tx:
                endpoint = await webhooks.find_endpoint(tx, tenant_id, endpoint_id)
                if endpoint is None or endpoint.status is not EndpointStatus.DISABLED:
                    return
                reason = endpoint.disabled_reason or ""
                has_more = await deliveries.drop_pending(tx, endpoint_id, reason, self._clock.now_ms())

    async def delete(self, tenant_id: str, endpoint_id: str) -> None:
        """What waits for it is given up. Raises `WebhookNotFound`."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if not await webhooks.delete_endpoint(tx, tenant_id, endpoint_id, now_ms):
                raise not_found(endpoint_id)
            await deliveries.drop_pending(tx, endpoint_id, DELETED, now_ms, with_claimed=True)
            await record(tx, Action.WEBHOOK_DELETE, tenant_id, endpoint_id, now_ms)

    async def rotate(self, tenant_id: str, endpoint_id: str) -> tuple[Endpoint, str]:
        """Return the endpoint and its new secret. For 24 hours deliveries are signed with the one before as well; one that
        was on its way out already counts no more.

        Raises:
            WebhookNotFound: the tenant has none of that id.
        """
        for _ in range(_ROTATE_TRIES):
            was, secret = await self.get(tenant_id, endpoint_id), new_secret()
            old = await self._sealer.open(tenant_id, was.secret, seal_context(was.id))
            sealed = await self._sealer.seal(tenant_id, secret, seal_context(was.id))
            old_sealed = await self._sealer.seal(tenant_id, old, seal_context(was.id, "old_secret"))
            now_ms = self._clock.now_ms()
            async with self._db.transaction() as tx:
                is_done = await webhooks.rotate_secret(
                    tx,
                    was,
                    secret=sealed,
                    old_secret=old_sealed,
                    until_ms=now_ms + ROTATION_MS,
                    now_ms=now_ms,
                )
                if is_done:
                    await record(tx, Action.WEBHOOK_ROTATE, tenant_id, endpoint_id, now_ms)
            if is_done:
                return await self.get(tenant_id, endpoint_id), secret
        raise Conflict("The secret was changed by others meanwhile; try again.", code="webhook_changed")


def check_events(names: Sequence[str], *, field: str = "events") -> tuple[str, ...]:
    """Return them without repetitions. Raises `Invalid` (`unknown_event`)."""
    if unknown := sorted(set(names) - set(EventName)):
        known = ", ".join(EventName)
        raise Invalid(
            f"There is no event {unknown[0][:100]!r}; there are {known}.", code="unknown_event", field=field
        )
    return tuple(dict.fromkeys(names))


def _check_rooms(rooms: Sequence[str]) -> tuple[str, ...]:
    for room_id in rooms:
        try:
            check_room_id(room_id)
        except Invalid as e:
            raise Invalid(e.message, code=e.word, field="room_ids") from e
    if len(rooms) > _MAX_ROOMS:
        raise Invalid(f"room_ids: at most {_MAX_ROOMS}; leave it out for all rooms.", field="room_ids")
    return tuple(dict.fromkeys(rooms))


def _as_new(endpoint: Endpoint) -> Endpoint:
    """Return it without a memory of failures."""
    return replace(endpoint, failures=0, failing_since_ms=None, failed_at_ms=None, held_until_ms=None)


def _host(url: str) -> str:
    """Return what may be told of it: an address may hold a secret in its path, its query or before the `@`."""
    return urlsplit(url).hostname or ""


def not_found(endpoint_id: str) -> WebhookNotFound:
    return WebhookNotFound(f"There is no webhook {endpoint_id}.")
