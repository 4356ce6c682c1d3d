"""Endpoints, deliveries and events (`/v1/webhooks`, `/v1/events`)."""

from datetime import datetime
from typing import Any

import msgspec

from rtcstack.client.models.words import DeliveryStatus, WebhookStatus


class Webhook(msgspec.Struct, frozen=True):
    """`events` and `room_ids` say what it wants to hear of; empty means all."""

    id: str
    url: str
    events: list[str]
    room_ids: list[str]
    status: WebhookStatus
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


class CreatedWebhook(Webhook, frozen=True):
    """`secret` is shown this once."""

    secret: str


class RotatedWebhook(msgspec.Struct, frozen=True):
    id: str
    secret: str
    old_secret_valid_until: datetime


class DeliveryRequest(msgspec.Struct, frozen=True):
    headers: dict[str, str] | None
    body: str


class Delivery(msgspec.Struct, frozen=True):
    """What the last try sent, and what came of it."""

    event_id: str
    event: str
    room_id: str | None
    status: DeliveryStatus
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    status_code: int | None
    duration_ms: int | None
    response: str | None
    error: str | None
    request: DeliveryRequest


class DeliveriesPage(msgspec.Struct, frozen=True):
    data: list[Delivery]
    next_cursor: str | None


class Replayed(msgspec.Struct, frozen=True):
    queued: int
    next_after: str | None


class Event(msgspec.Struct, frozen=True):
    """`body` is what webhook endpoints get."""

    id: str
    event: str
    room_id: str | None
    created_at: datetime
    body: dict[str, Any]


class EventsPage(msgspec.Struct, frozen=True):
    data: list[Event]
    next_after: str | None
    has_more: bool


class EgressEnded(msgspec.Struct, frozen=True, rename="camel"):
    """The body of `egress_ended`; of a failed recording `file` is None and `error` says why."""

    egress_id: str
    room_id: str
    file: str | None
    duration: int
    size: int
    metadata: dict[str, Any] = {}
    error: str | None = None
