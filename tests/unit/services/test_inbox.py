import base64
import hashlib
from datetime import timedelta

import pytest
from google.protobuf.json_format import MessageToJson
from livekit.api import AccessToken
from livekit.protocol.egress import EgressInfo, EgressStatus, FileInfo
from livekit.protocol.webhook import WebhookEvent

from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Unauthenticated
from tests.fakes.livekit import KEY, SECRET
from tests.unit.services.conftest import World


def _signed(body: str, *, secret: str = SECRET, ttl: timedelta = timedelta(minutes=5)) -> str:
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    return AccessToken(KEY, secret).with_sha256(digest).with_ttl(ttl).to_jwt()


def _ended(object_key: str, wire_id: str) -> str:
    info = EgressInfo(
        egress_id="EG_1", room_name="room-abc", status=EgressStatus.EGRESS_COMPLETE, updated_at=77
    )
    info.room_composite.file_outputs.add(filepath=object_key)
    info.file_results.append(FileInfo(filename=object_key, size=1000, duration=5_000_000_000))
    return MessageToJson(WebhookEvent(event="egress_ended", id=wire_id, egress_info=info))


async def test_what_says_the_same_is_taken_once_whatever_its_id(world: World) -> None:
    recording = await world.started()
    news = []
    for n in range(20):
        body = _ended(recording.object_key, f"EV_{n}")
        news.append(await world.inbox.take(body.encode(), _signed(body)))
    assert news == [True] + [False] * 19
    assert await world.inbox.process_next()
    assert not await world.inbox.process_next()
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING


async def test_forged_changed_and_expired_events_are_refused_and_not_kept(world: World) -> None:
    body = _ended("k", "EV_1")
    for text, token in (
        (body, _signed(body, secret="another secret that is long enough too")),
        (body + " ", _signed(body)),
        (body, _signed(body, ttl=timedelta(minutes=-2))),
        (body, ""),
        (body, AccessToken(KEY, SECRET).to_jwt()),
    ):
        with pytest.raises(Unauthenticated):
            await world.inbox.take(text.encode(), token)
    assert await world.count("inbox") == 0


async def test_an_event_of_an_unknown_kind_is_kept_and_done(world: World) -> None:
    body = MessageToJson(WebhookEvent(event="something_new", id="EV_9"))
    assert await world.inbox.take(body.encode(), _signed(body))
    assert await world.inbox.process_next()
    [row] = await world.db.all("SELECT event, processed_at_ms FROM inbox")
    assert row["event"] == "something_new"
    assert row["processed_at_ms"] is not None
