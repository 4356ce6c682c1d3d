"""LiveKit's webhooks: who signed them and what they say."""

import hashlib

from google.protobuf.json_format import MessageToDict, Parse, ParseError
from livekit.api import TokenVerifier, WebhookReceiver
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from rtcstack.adapters.livekit.egress_info import snapshot
from rtcstack.errors import Invalid, Unauthenticated
from rtcstack.ports.livekit import LiveKitEvent, Visitor


class EventReader:
    def __init__(self, api_key: str, api_secret: str) -> None:
        self._receiver = WebhookReceiver(TokenVerifier(api_key, api_secret))

    def verify(self, body: bytes, authorization: str) -> LiveKitEvent:
        """Check the token in `authorization` (5 minutes valid, signs the body's SHA-256) and read the event.

        Raises:
            Unauthenticated: LiveKit did not sign it.
            Invalid: it did, but this is no event.
        """
        try:
            return _event(self._receiver.receive(body.decode(), authorization.removeprefix("Bearer ")))
        except ParseError as e:  # the signature is checked before
            raise Invalid(f"This is no event of LiveKit's: {e}", code="malformed_json") from e
        except Exception as e:  # the library raises bare exceptions and whatever its JWT parser raises
            raise Unauthenticated(
                "LiveKit did not sign this event.", code="bad_signature", cause=type(e).__name__
            ) from e

    def read(self, body: str) -> LiveKitEvent:
        try:
            return _event(Parse(body, WebhookEvent(), ignore_unknown_fields=True))
        except ParseError as e:
            raise Invalid(f"This is no event of LiveKit's: {e}") from e


def _event(wire: WebhookEvent) -> LiveKitEvent:
    egress = snapshot(wire.egress_info) if wire.HasField("egress_info") else None
    return LiveKitEvent(
        name=wire.event,
        fingerprint=_fingerprint(wire),
        room_name=egress.room_name if egress else wire.room.name,
        room_sid=wire.room.sid,
        egress=egress,
        visitor=_visitor(wire) if wire.HasField("participant") else None,
        details=MessageToDict(wire, preserving_proto_field_name=True),
    )


def _visitor(wire: WebhookEvent) -> Visitor:
    info = wire.participant
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
        if not any(facts[1:]):
            facts = (wire.event, wire.id)
    return hashlib.sha256("|".join(map(str, facts)).encode()).hexdigest()
