"""Customers' endpoints: what they want to hear of, how what they get is signed (Standard Webhooks 1.0.0)."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from rtcstack.errors import Invalid

SECRET_PREFIX = "whsec_"  # noqa: S105  # the public prefix, not a secret
ROTATION_MS = 24 * 3600 * 1000
"""So long the secret before is signed with as well."""
_SECRET_BYTES = 32
MAX_URL_CHARS = 2048
_URL_CHARS = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII without the backslash, which some readers of URLs take for a slash."""


class EventName(StrEnum):
    EGRESS_ENDED = "egress_ended"
    RECORDING_STARTED = "recording.started"
    RECORDING_COMPLETE = "recording.complete"
    RECORDING_FAILED = "recording.failed"
    RECORDING_UNVERIFIED = "recording.unverified"
    CLIP_READY = "clip.ready"
    CLIP_FAILED = "clip.failed"
    HALL_CREATED = "hall.created"
    HALL_CLOSED = "hall.closed"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    MODERATION_FLAGGED = "moderation.flagged"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"


class EndpointStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """What it would get waits."""
    DISABLED = "disabled"
    """It gets nothing, and nothing waits for it, until it is enabled again."""


@dataclass(frozen=True)
class Endpoint:
    id: str
    tenant_id: str
    url: str
    events: tuple[str, ...]
    """Names it subscribes to; empty means all."""
    secret: str = field(repr=False)
    """Sealed, as is `old_secret`."""
    created_at_ms: int
    rooms: tuple[str, ...] = ()
    """Rooms it wants to hear of; empty means all, and what is about no room as well."""
    updated_at_ms: int = 0
    paused_at_ms: int | None = None
    disabled_at_ms: int | None = None
    disabled_reason: str | None = None
    old_secret: str | None = field(default=None, repr=False)
    rotation_until_ms: int | None = None
    failures: int = 0
    failing_since_ms: int | None = None
    failed_at_ms: int | None = None
    held_until_ms: int | None = None
    begun_anew_at_ms: int | None = None
    """Since when the schedule of tries begins, for what waited before."""

    @property
    def status(self) -> EndpointStatus:
        if self.disabled_at_ms is not None:
            return EndpointStatus.DISABLED
        return EndpointStatus.ACTIVE if self.paused_at_ms is None else EndpointStatus.PAUSED

    def wants(self, event: str, room_id: str | None) -> bool:
        """Say whether the event passes both filters."""
        return (not self.events or event in self.events) and (not self.rooms or room_id in self.rooms)

    def sealed_secrets(self, now_ms: int) -> Sequence[tuple[str, str]]:
        """Return column and sealed text of every secret that is signed with now, the newest first."""
        now = [("secret", self.secret)]
        if self.old_secret is not None and now_ms < (self.rotation_until_ms or 0):
            now.append(("old_secret", self.old_secret))
        return now


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """Return one signature of the `webhook-signature` header: HMAC-SHA256 over `id.timestamp.body` with the decoded secret."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def request_headers(message_id: str, timestamp_s: int, signature: str) -> dict[str, str]:
    """Return every header of a delivery that we choose; several signatures stand side by side, with a space between."""
    return {
        "content-type": "application/json",
        "user-agent": "rtcstack",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": signature,
    }


def origin(url: str) -> str:
    """Return what others may be told of an endpoint's address: what follows the host may hold a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def check_url_text(url: str) -> None:
    """Raises `Invalid` (`invalid_webhook_url`) for what is no plain http or https address, as far as its text shows."""
    if len(url) > MAX_URL_CHARS:
        raise _invalid_url(f"A webhook URL has at most {MAX_URL_CHARS} characters.")
    if not _URL_CHARS.fullmatch(url):
        raise _invalid_url(
            "A webhook URL has no spaces, control characters or backslashes; other letters than ASCII are percent-encoded."
        )
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError as e:
        raise _invalid_url(f"This is not a URL: {e}") from e
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        raise _invalid_url("A webhook URL begins with https:// or http:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise _invalid_url("A webhook URL has no user name in it; deliveries are signed instead.")
    if "#" in url:
        raise _invalid_url("A webhook URL has no fragment: nobody would send it.")


def _invalid_url(message: str) -> Invalid:
    return Invalid(message, code="invalid_webhook_url", field="url")
