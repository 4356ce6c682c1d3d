"""Outgoing events: endpoints, signatures (Standard Webhooks 1.0.0) and the retry schedule."""

import base64
import hashlib
import hmac
import random
import secrets
from dataclasses import dataclass
from enum import StrEnum

SECRET_PREFIX = "whsec_"  # noqa: S105  # the public prefix, not a secret
_SECRET_BYTES = 32
_SCHEDULE_S = (
    0,
    2,
    4,
    8,
    16,
    30,
    60,
    300,
    1800,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
)
_JITTER = 0.2


class EventName(StrEnum):
    EGRESS_ENDED = "egress_ended"
    RECORDING_STARTED = "recording.started"
    RECORDING_COMPLETE = "recording.complete"
    RECORDING_FAILED = "recording.failed"
    CLIP_READY = "clip.ready"
    CLIP_FAILED = "clip.failed"
    HALL_CREATED = "hall.created"
    HALL_CLOSED = "hall.closed"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    MODERATION_FLAGGED = "moderation.flagged"


@dataclass(frozen=True)
class Endpoint:
    id: str
    tenant_id: str
    url: str
    events: tuple[str, ...]
    """Names it subscribes to; empty means all."""
    secret: str
    created_at_ms: int
    disabled_at_ms: int | None = None


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The `webhook-signature` value: HMAC-SHA256 over `id.timestamp.body` with the decoded secret."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def retry_in_s(attempts: int, rng: random.Random) -> float | None:
    """Seconds until the next try after `attempts` failed ones, with ±20 % jitter; None when it is over (three days)."""
    if attempts >= len(_SCHEDULE_S):
        return None
    return _SCHEDULE_S[attempts] * rng.uniform(1 - _JITTER, 1 + _JITTER)
