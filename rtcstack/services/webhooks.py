"""Endpoints that customers register."""

from collections.abc import Sequence

from rtcstack.clock import Clock
from rtcstack.domain.sealing import place
from rtcstack.domain.webhook import Endpoint, EventName, new_secret
from rtcstack.errors import Conflict, Invalid, WebhookNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.repositories import webhooks


class Webhooks:
    def __init__(
        self, db: Database, clock: Clock, sender: WebhookSender, sealer: Sealer, *, max_endpoints: int
    ) -> None:
        self._db, self._clock, self._sender, self._sealer = db, clock, sender, sealer
        self._max_endpoints = max_endpoints

    async def create(self, tenant_id: str, url: str, events: Sequence[str]) -> tuple[Endpoint, str]:
        """Return the endpoint and its signing secret, which nobody can see again.

        Raises:
            Invalid: the URL is none that we deliver to, or an event's name is unknown.
            Conflict: the tenant has as many endpoints as it may.
        """
        await self._sender.check_url(url)
        if unknown := sorted(set(events) - set(EventName)):
            known = ", ".join(EventName)
            raise Invalid(
                f"There is no event {unknown[0]!r}; there are {known}.", code="unknown_event", field="events"
            )
        now_ms = self._clock.now_ms()
        endpoint_id, secret = new_id("whk", now_ms), new_secret()
        sealed = await self._sealer.seal(tenant_id, secret, seal_context(endpoint_id))
        endpoint = Endpoint(endpoint_id, tenant_id, url, tuple(dict.fromkeys(events)), sealed, now_ms)
        async with self._db.transaction() as tx:
            if len(await webhooks.list_endpoints(tx, tenant_id)) >= self._max_endpoints:
                raise Conflict(
                    f"A tenant may have {self._max_endpoints} webhooks; delete one first.",
                    code="webhook_limit",
                )
            await webhooks.add_endpoint(tx, endpoint)
        return endpoint, secret

    async def list(self, tenant_id: str) -> Sequence[Endpoint]:
        return await webhooks.list_endpoints(self._db, tenant_id)

    async def delete(self, tenant_id: str, endpoint_id: str) -> None:
        """Raises `WebhookNotFound`."""
        async with self._db.transaction() as tx:
            if not await webhooks.delete_endpoint(tx, tenant_id, endpoint_id, self._clock.now_ms()):
                raise WebhookNotFound(f"There is no webhook {endpoint_id}.")


def seal_context(endpoint_id: str) -> str:
    return place("webhook_endpoints", "secret", endpoint_id)
