"""An event that customers are told of, and what became of it at an endpoint."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """`seq` is its place in the order of commits, given by the database; `body` is what is sent, as it stands."""

    id: str
    tenant_id: str
    event: str
    room_id: str | None
    body: str
    created_at_ms: int
    seq: int = 0


@dataclass(frozen=True)
class DeliveryReport:
    """A delivery as its endpoint's owner sees it: the event, and the last try."""

    outbox_id: str
    event: str
    room_id: str | None
    body: str
    created_at_ms: int
    state: str
    attempts: int
    due_at_ms: int
    sent_at_ms: int | None
    status_code: int | None
    duration_ms: int | None
    response: str | None
    error: str | None
    signature: str | None
