from collections.abc import Sequence
from datetime import datetime

from rtcstack.client.call import Call, Pages
from rtcstack.client.models.webhooks import (
    CreatedWebhook,
    DeliveriesPage,
    Delivery,
    Event,
    EventsPage,
    Replayed,
    RotatedWebhook,
    Webhook,
)
from rtcstack.client.models.words import DeliveryStatus
from rtcstack.client.request import Request
from rtcstack.client.session import Session

_WEBHOOK = "/v1/webhooks/{webhook_id}"


class WebhookCalls:
    """Endpoints and deliveries (docs/api/webhooks.md), and the events themselves (docs/api/events.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self, url: str, *, events: Sequence[str] | None = None, room_ids: Sequence[str] | None = None
    ) -> Call[CreatedWebhook]:
        """Register an endpoint; the answer alone has its secret."""
        body = {"url": url, "events": events, "room_ids": room_ids}
        return Call(self._session, Request("POST /v1/webhooks", CreatedWebhook, body=body))

    def list(self) -> Call["list[Webhook]"]:
        return Call(self._session, Request("GET /v1/webhooks", list[Webhook]))

    def get(self, webhook_id: str) -> Call[Webhook]:
        return Call(self._session, Request(f"GET {_WEBHOOK}", Webhook, {"webhook_id": webhook_id}))

    def change(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        room_ids: Sequence[str] | None = None,
        paused: bool | None = None,
    ) -> Call[Webhook]:
        """Change what is given, and leave the rest as it is."""
        body = {"url": url, "events": events, "room_ids": room_ids, "paused": paused}
        return Call(
            self._session, Request(f"PATCH {_WEBHOOK}", Webhook, {"webhook_id": webhook_id}, body=body)
        )

    def delete(self, webhook_id: str) -> Call[None]:
        return Call(self._session, Request(f"DELETE {_WEBHOOK}", type(None), {"webhook_id": webhook_id}))

    def test(self, webhook_id: str) -> Call[Delivery]:
        """Send a `webhook.test` now, and tell what came of it."""
        return Call(self._session, Request(f"POST {_WEBHOOK}/test", Delivery, {"webhook_id": webhook_id}))

    def rotate(self, webhook_id: str) -> Call[RotatedWebhook]:
        """Give it a new secret; the one before counts for 24 hours more."""
        operation = f"POST {_WEBHOOK}/rotate"
        return Call(self._session, Request(operation, RotatedWebhook, {"webhook_id": webhook_id}))

    def deliveries(
        self,
        webhook_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        status: DeliveryStatus | None = None,
    ) -> Pages[DeliveriesPage, Delivery]:
        """List what was sent, newest event first."""
        query = {"limit": limit, "cursor": cursor, "status": status}
        operation = f"GET {_WEBHOOK}/deliveries"
        request = Request(operation, DeliveriesPage, {"webhook_id": webhook_id}, query)
        return Pages(
            self._session, request, lambda page: {"cursor": page.next_cursor} if page.next_cursor else None
        )

    def replay(
        self,
        webhook_id: str,
        *,
        event_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        include_delivered: bool | None = None,
    ) -> Call[Replayed]:
        """Send one event again, or a range; go on with `next_after` as `after` while it is not None."""
        body = {
            "event_id": event_id,
            "since": since,
            "until": until,
            "after": after,
            "include_delivered": include_delivered,
        }
        operation = f"POST {_WEBHOOK}/replay"
        return Call(self._session, Request(operation, Replayed, {"webhook_id": webhook_id}, body=body))

    def events(
        self, *, after: str | None = None, limit: int | None = None, types: Sequence[str] | None = None
    ) -> Pages[EventsPage, Event]:
        """List all events after that one, oldest first, up to the present. Store the last one's id, and go on with it."""
        query = {"after": after, "limit": limit, "types": types}
        request = Request("GET /v1/events", EventsPage, query=query)
        return Pages(
            self._session, request, lambda page: {"after": page.next_after} if page.has_more else None
        )
