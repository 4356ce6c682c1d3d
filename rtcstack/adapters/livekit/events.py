"""LiveKit's webhooks: who signed them and what they say."""

import hashlib
import time
from dataclasses import replace

import jwt
from google.protobuf.json_format import Parse, ParseError
from livekit.api import TokenVerifier, WebhookReceiver
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from rtcstack.adapters.livekit.egress_info import snapshot
from rtcstack.errors import Invalid, Unauthenticated
from rtcstack.ports.livekit import ONCE, LiveKitEvent, Visitor

_REMEMBERED = 1024
_HALF_S = 0.5


class EventReader:
    """Remembers what it has verified until it is read: that comes right after, and parsing it again is half of the work."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        self._receiver = WebhookReceiver(TokenVerifier(api_key, api_secret))
        self._verified: dict[str, LiveKitEvent] = {}

    def verify(self, body: bytes, authorization: str) -> LiveKitEvent:
        """Check the token in `authorization` (5 minutes valid, signs the body's SHA-256) and read the event.

        Raises:
            Unauthenticated: LiveKit did not sign it.
            Invalid: it did, but this is no event.
        """
        try:
            text = body.decode()
            token = authorization.removeprefix("Bearer ")
            wire = self._receiver.receive(text, token)
        except ParseError as e:  # the signature is checked before
            raise Invalid(f"This is no event of LiveKit's: {e}", code="malformed_json") from e
        except Exception as e:  # the library raises bare exceptions and whatever its JWT parser raises
            raise Unauthenticated(
                "LiveKit did not sign this event.",
                code="bad_signature",
                cause=type(e).__name__,
                **_skew(e, authorization),
            ) from e
        event = replace(_event(wire), ahead_s=_ahead_s(token))
        if len(self._verified) >= _REMEMBERED:  # repetitions are never read
            del self._verified[next(iter(self._verified))]
        self._verified[text] = event
        return event

    def read(self, body: str) -> LiveKitEvent:
        if (event := self._verified.pop(body, None)) is not None:
            return event
        try:
            return _event(Parse(body, WebhookEvent(), ignore_unknown_fields=True))
        except ParseError as e:
            raise Invalid(f"This is no event of LiveKit's: {e}") from e


def _ahead_s(token: str) -> float | None:
    """Return by how much LiveKit's clock was ahead of this one when it signed; its time has whole seconds, cut off."""
    claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_nbf": False})
    signed_at_s = claims.get("nbf")
    return signed_at_s + _HALF_S - time.time() if isinstance(signed_at_s, int | float) else None


def _skew(error: Exception, authorization: str) -> dict[str, int]:
    """Return by how much LiveKit's clock is ahead, if that is what is wrong: the signature is checked before the time."""
    if not isinstance(error, jwt.ExpiredSignatureError | jwt.ImmatureSignatureError):
        return {}
    ahead_s = _ahead_s(authorization.removeprefix("Bearer "))
    return {} if ahead_s is None else {"skew_s": round(ahead_s)}


def _event(wire: WebhookEvent) -> LiveKitEvent:
    egress = snapshot(wire.egress_info) if wire.HasField("egress_info") else None
    return LiveKitEvent(
        name=wire.event,
        fingerprint=_fingerprint(wire),
        room_name=egress.room_name if egress else wire.room.name,
        room_sid=wire.room.sid,
        egress=egress,
        visitor=visitor(wire.participant) if wire.HasField("participant") else None,
    )


def visitor(info: ParticipantInfo) -> Visitor:
    return Visitor(
        sid=info.sid,
        identity=info.identity,
        joined_at_ms=info.joined_at_ms or info.joined_at * 1000,
        is_recorder=info.kind == ParticipantInfo.Kind.EGRESS
        or info.permission.recorder
        or info.permission.hidden,
    )


def _fingerprint(wire: WebhookEvent) -> str:
    """Name what the event says: repeats of a notification carry fresh ids (spec: livekit-facts)."""
    if wire.HasField("egress_info"):
        info = wire.egress_info
        facts: tuple[str | int, ...] = (wire.event, info.egress_id, info.status, info.updated_at)
    else:
        facts = (wire.event, wire.room.sid, wire.participant.sid, wire.track.sid)
        if not any(facts[1:]) or wire.event not in ONCE:
            facts = (wire.event, wire.id)
    return hashlib.sha256("|".join(map(str, facts)).encode()).hexdigest()
