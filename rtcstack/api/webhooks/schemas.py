import json
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rtcstack.domain.delivery import DeliveryState
from rtcstack.domain.event import DeliveryReport, Event
from rtcstack.domain.instant import iso_ms
from rtcstack.domain.webhook import Endpoint, request_headers
from rtcstack.errors import Invalid
from rtcstack.services.webhook_deliveries import Range
from rtcstack.services.webhooks import WebhookChange

Status = Literal["active", "paused", "disabled"]
Instant = Annotated[datetime, Meta(tz=True)]


class CreateWebhookRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    url: str
    events: list[str] = []
    room_ids: list[str] = []


class ChangeWebhookRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    url: str | None = None
    events: list[str] | None = None
    room_ids: list[str] | None = None
    paused: bool | None = None

    def to_domain(self) -> WebhookChange:
        return WebhookChange(self.url, self.events, self.room_ids, self.paused)


class ReplayRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    event_id: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    after: str | None = None
    include_delivered: bool = False

    def to_range(self) -> Range:
        """Return the range that is meant; raises `Invalid` if one event is named as well, or nothing at all."""
        is_range = self.since is not None or self.after is not None
        if (self.event_id is not None) == is_range:
            raise Invalid(
                "event_id: give either one event's id, or since or after for a range.", field="event_id"
            )
        if self.event_id is not None and (self.until is not None or self.include_delivered):
            raise Invalid("event_id: takes neither until nor include_delivered.", field="event_id")
        return Range(_ms(self.since), _ms(self.until), self.after, self.include_delivered)


class WebhookBody(msgspec.Struct, frozen=True):
    id: str
    url: str
    events: list[str]
    room_ids: list[str]
    status: Status
    disabled_at: str | None
    disabled_reason: str | None
    failing_since: str | None
    created_at: str
    updated_at: str

    @classmethod
    def from_domain(cls, endpoint: Endpoint) -> "WebhookBody":
        return cls(**_fields(endpoint))


class CreatedWebhookBody(msgspec.Struct, frozen=True):
    id: str
    url: str
    events: list[str]
    room_ids: list[str]
    status: Status
    disabled_at: str | None
    disabled_reason: str | None
    failing_since: str | None
    created_at: str
    updated_at: str
    secret: str

    @classmethod
    def from_domain(cls, endpoint: Endpoint, secret: str) -> "CreatedWebhookBody":
        return cls(**_fields(endpoint), secret=secret)


class RotatedWebhookBody(msgspec.Struct, frozen=True):
    id: str
    secret: str
    old_secret_valid_until: str

    @classmethod
    def from_domain(cls, endpoint: Endpoint, secret: str) -> "RotatedWebhookBody":
        return cls(endpoint.id, secret, iso_ms(endpoint.rotation_until_ms or 0))


class DeliveryRequestBody(msgspec.Struct, frozen=True):
    """`headers` are those of the last try, null before the first."""

    headers: dict[str, str] | None
    body: str


class DeliveryBody(msgspec.Struct, frozen=True):
    event_id: str
    event: str
    room_id: str | None
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    created_at: str
    sent_at: str | None
    next_attempt_at: str | None
    status_code: int | None
    duration_ms: int | None
    response: str | None
    error: str | None
    request: DeliveryRequestBody

    @classmethod
    def from_domain(cls, row: DeliveryReport) -> "DeliveryBody":
        state = DeliveryState(row.state)
        return cls(
            event_id=row.outbox_id,
            event=row.event,
            room_id=row.room_id,
            status=state.value,
            attempts=row.attempts,
            created_at=iso_ms(row.created_at_ms),
            sent_at=_iso(row.sent_at_ms),
            next_attempt_at=iso_ms(row.due_at_ms) if state is DeliveryState.PENDING else None,
            status_code=row.status_code,
            duration_ms=row.duration_ms,
            response=row.response,
            error=row.error,
            request=DeliveryRequestBody(_headers(row), row.body),
        )


class DeliveriesBody(msgspec.Struct, frozen=True):
    data: list[DeliveryBody]
    next_cursor: str | None


class ReplayedBody(msgspec.Struct, frozen=True):
    queued: int
    next_after: str | None


class EventBody(msgspec.Struct, frozen=True):
    id: str
    event: str
    room_id: str | None
    created_at: str
    body: dict[str, Any]

    @classmethod
    def from_domain(cls, event: Event) -> "EventBody":
        return cls(event.id, event.event, event.room_id, iso_ms(event.created_at_ms), json.loads(event.body))


class EventsBody(msgspec.Struct, frozen=True):
    data: list[EventBody]
    next_after: str | None
    has_more: bool


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "room_ids": list(endpoint.rooms),
        "status": endpoint.status.value,
        "disabled_at": _iso(endpoint.disabled_at_ms),
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": _iso(endpoint.failing_since_ms),
        "created_at": iso_ms(endpoint.created_at_ms),
        "updated_at": iso_ms(endpoint.updated_at_ms),
    }


def _headers(row: DeliveryReport) -> dict[str, str] | None:
    if row.sent_at_ms is None:
        return None
    return request_headers(row.outbox_id, row.sent_at_ms // 1000, row.signature or "")


def _iso(at_ms: int | None) -> str | None:
    return iso_ms(at_ms) if at_ms is not None else None


def _ms(instant: datetime | None) -> int | None:
    return round(instant.timestamp() * 1000) if instant is not None else None
