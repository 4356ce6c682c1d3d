"""Verifies what webhook endpoints get (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from time import time
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_PREFIX = "whsec_"
_VERSION = "v1,"
_TOLERANCE_S = 300


class WebhookRefused(Exception):
    """The body is not what the server sent, or was sent too long ago. Answer 400."""


class ReceivedEvent(msgspec.Struct, frozen=True):
    """`id` is the `webhook-id`: the same for every try, so keep it to do nothing twice. `body` is as docs/api/events.md says."""

    id: str
    event: str
    body: dict[str, Any]

    @classmethod
    def of(cls, event_id: str, body: bytes) -> "ReceivedEvent":
        """Return the event of a body that was verified before, and kept since."""
        told = msgspec.json.decode(body, type=dict[str, Any])
        return cls(event_id, str(told["event"]), told)

    def read(self, kind: type[T]) -> T:
        """Return the event's data as `kind`: `EgressEnded` of `egress_ended`, `HallRecording` of `recording.…`, `Clip` of `clip.…`,
        `Hall` of `hall.…`.
        """
        return msgspec.convert(self.body.get("data", self.body), kind, strict=False)


class WebhookReceiver:
    """Knows an endpoint's secret; while it is being rotated, give the old one as well: `WebhookReceiver(new, old)`."""

    def __init__(self, secret: str, *others: str) -> None:
        self._keys = [base64.b64decode(one.removeprefix(_PREFIX)) for one in (secret, *others)]

    def verify(self, body: bytes | str, headers: Mapping[str, str]) -> ReceivedEvent:
        """Return the event if the server has signed these very bytes within the last five minutes; otherwise raise `WebhookRefused`.

        `headers` are the request's, in any case.
        """
        given = {name.lower(): value for name, value in headers.items()}
        try:
            event_id, sent_at_s = given["webhook-id"], int(given["webhook-timestamp"])
            signatures = given["webhook-signature"].split(" ")
            content = body.encode() if isinstance(body, str) else body
            message = f"{event_id}.{sent_at_s}.".encode() + content
        except (KeyError, ValueError) as e:
            raise WebhookRefused(f"a header is missing, or something is malformed: {e}") from e
        if abs(int(time()) - sent_at_s) > _TOLERANCE_S:  # whole numbers: they have no largest one
            raise WebhookRefused("it was sent more than five minutes ago, or the clocks differ")
        if not self._has_signed(message, signatures):
            raise WebhookRefused("no signature fits")
        return ReceivedEvent.of(event_id, content)

    def _has_signed(self, message: bytes, signatures: list[str]) -> bool:
        wanted = [hmac.digest(key, message, hashlib.sha256) for key in self._keys]
        return any(hmac.compare_digest(_decoded(one), mine) for one in signatures for mine in wanted)


def _decoded(signature: str) -> bytes:
    """Return the bytes of a `v1` signature; of any other nothing, which fits nothing."""
    if not signature.startswith(_VERSION):
        return b""
    try:
        return base64.b64decode(signature.removeprefix(_VERSION), validate=True)
    except ValueError:  # no base64, or not even ASCII
        return b""
