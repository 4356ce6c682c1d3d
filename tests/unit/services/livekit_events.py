"""LiveKit's events as they reach the inbox: signed, stored, applied."""

import base64
import hashlib
from itertools import count

from google.protobuf.json_format import MessageToJson
from livekit.api import AccessToken
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.webhook import WebhookEvent

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.recording import Recording
from tests.fakes.livekit import KEY, SECRET
from tests.unit.services.conftest import World

_numbers = count(1)


async def tell(
    world: World,
    name: str,
    room_name: str,
    sid: str = "",
    *,
    room_sid: str = "RM_1",
    identity: str = "",
    joined_at_ms: int = 1_713_693_600_000,
    kind: "ParticipantInfo.Kind.ValueType" = ParticipantInfo.Kind.STANDARD,
) -> None:
    """Have LiveKit's event arrive and be applied; `sid` says whom it is about."""
    event = WebhookEvent(event=name, id=f"EV_{next(_numbers)}", room=RoomInfo(name=room_name, sid=room_sid))
    if sid:
        event.participant.CopyFrom(
            ParticipantInfo(sid=sid, identity=identity or f"of-{sid}", joined_at_ms=joined_at_ms, kind=kind)
        )
    body = MessageToJson(event)
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    await world.inbox.take(body.encode(), AccessToken(KEY, SECRET).with_sha256(digest).to_jwt())
    while await world.inbox.process_next():
        pass


async def join(world: World, room_name: str, sid: str = "PA_1", *, room_sid: str = "RM_1") -> None:
    await tell(world, "participant_joined", room_name, sid, room_sid=room_sid)


async def leave(world: World, room_name: str, sid: str = "PA_1", *, room_sid: str = "RM_1") -> None:
    await tell(world, "participant_left", room_name, sid, room_sid=room_sid)


async def egress_is(world: World, recording: Recording, status: EgressStatus) -> None:
    """Have LiveKit tell that the recording's egress is in that status."""
    snapshot = EgressSnapshot(
        recording.egress_id or "EG_late",
        recording.room_id,
        status,
        updated_at_ns=1,
        filepath=recording.object_key,
        error="the encoder died" if status is EgressStatus.FAILED else "",
    )
    async with world.db.transaction() as tx:
        await world.egress_events.apply(tx, snapshot)
