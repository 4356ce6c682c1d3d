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
_LEAST_KEY_BYTES, _MOST_KEY_BYTES = 24, 64
"""What Standard Webhooks allows a key to have; the API's own have 32."""


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
    """Knows an endpoint's secret; while it is being rotated, give the old one as well: `WebhookReceiver(new, old)`.

    `ValueError` if one of them is no secret: empty, cut off, or without `whsec_`. Anybody could sign with an empty key.
    """

    def __init__(self, secret: str, *others: str) -> None:
        self._keys = [_key(one.strip()) for one in (secret, *others)]

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


def _key(secret: str) -> bytes:
    """Return the key of a secret; no message of an error repeats any of it."""
    if not secret.startswith(_PREFIX):
        raise ValueError(
            f"a webhook secret begins with {_PREFIX}: give it as POST /v1/webhooks showed it"
            if secret
            else "the webhook secret is empty: anybody could sign with it"
        )
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ValueError("the webhook secret is not whole: what follows whsec_ is no base64") from None
    if not _LEAST_KEY_BYTES <= len(key) <= _MOST_KEY_BYTES:
        raise ValueError(
            f"the webhook secret is not whole: its key has {len(key)} bytes, {_LEAST_KEY_BYTES} to {_MOST_KEY_BYTES} are expected"
        )
    return key


def _decoded(signature: str) -> bytes:
    """Return the bytes of a `v1` signature; of any other nothing, which fits nothing."""
    if not signature.startswith(_VERSION):
        return b""
    try:
        return base64.b64decode(signature.removeprefix(_VERSION), validate=True)
    except ValueError:  # no base64, or not even ASCII
        return b""
