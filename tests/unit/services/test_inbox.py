import asyncio
import base64
import hashlib
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from google.protobuf.json_format import MessageToJson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from livekit.api import AccessToken
from livekit.protocol.egress import EgressInfo, EgressStatus, FileInfo
from livekit.protocol.webhook import WebhookEvent

from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Unauthenticated
from tests.fakes.livekit import KEY, SECRET
from tests.unit.services.conftest import World
from tests.unit.services.conftest import world as world_fixture


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


async def test_a_clock_that_is_off_is_told_with_how_far(world: World) -> None:
    body = _ended("k", "EV_1")
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    for skew_s, is_taken in ((-30, True), (30, True), (-600, False), (600, False)):
        signed_at_s = int(time.time()) + skew_s
        claims = {"iss": KEY, "nbf": signed_at_s, "exp": signed_at_s + 300, "sha256": digest}
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        if is_taken:
            await world.inbox.take(body.encode(), token)
            continue
        with pytest.raises(Unauthenticated) as refused:
            await world.inbox.take(body.encode(), token)
        assert abs(refused.value.details["skew_s"] - skew_s) <= 2


async def test_an_event_of_an_unknown_kind_is_kept_and_done(world: World) -> None:
    body = MessageToJson(WebhookEvent(event="something_new", id="EV_9"))
    assert await world.inbox.take(body.encode(), _signed(body))
    assert await world.inbox.process_next()
    [row] = await world.db.all("SELECT event, processed_at_ms FROM inbox")
    assert row["event"] == "something_new"
    assert row["processed_at_ms"] is not None


def _signed_body(event: WebhookEvent) -> tuple[bytes, str]:
    body = MessageToJson(event)
    return body.encode(), _signed(body)


async def test_events_that_come_at_once_share_commits_and_each_is_told_whether_it_is_news(
    world: World,
) -> None:
    events = [_signed_body(WebhookEvent(event="room_started", id=f"EV_{n % 20}")) for n in range(60)]
    news = await asyncio.gather(*(world.inbox.take(*event) for event in events))
    assert news.count(True) == 20
    assert await world.count("inbox") == 20


async def test_a_repetition_within_the_tokens_time_is_no_news_also_after_it_was_applied(world: World) -> None:
    taken = _signed_body(WebhookEvent(event="room_started", id="EV_1"))
    assert await world.inbox.take(*taken)
    assert await world.inbox.process_next()
    world.clock.advance(6 * 3600)
    await world.event_purge.run_once()
    assert not await world.inbox.take(*taken)


async def test_applied_events_are_forgotten_after_a_week_and_open_ones_never(world: World) -> None:
    assert await world.inbox.take(*_signed_body(WebhookEvent(event="room_started", id="EV_1")))
    await world.inbox.process_next()
    assert await world.inbox.take(*_signed_body(WebhookEvent(event="room_started", id="EV_2")))
    world.clock.advance(8 * 24 * 3600)
    await world.event_purge.run_once()
    [row] = await world.db.all("SELECT processed_at_ms FROM inbox")
    assert row["processed_at_ms"] is None


async def test_an_event_that_cannot_be_applied_is_put_off_and_delays_no_other(world: World) -> None:
    recording = await world.started()
    bad = WebhookEvent(event="room_finished", id="EV_bad")
    bad.room.name = "room-abc"
    body = _ended(recording.object_key, "EV_2")
    assert await world.inbox.take(*_signed_body(bad))
    assert await world.inbox.take(body.encode(), _signed(body))
    attendance = world.inbox._attendance
    world.inbox._attendance = _Broken()
    try:
        assert await world.inbox.process_next()
        assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
        [row] = await world.db.all("SELECT attempts, error FROM inbox WHERE processed_at_ms IS NULL")
        assert tuple(row) == (1, "KeyError: 'a fault of ours'")
        assert not await world.inbox.process_next()
    finally:
        world.inbox._attendance = attendance
    world.clock.advance(1.1)
    assert await world.inbox.process_next()
    [row] = await world.db.all("SELECT count(*) AS n FROM inbox WHERE processed_at_ms IS NULL")
    assert row["n"] == 0


class _Broken:
    """Fails inside the transaction that the events after it are applied in as well."""

    async def keep_hall(self, _reader: object, _event: object) -> None:
        return

    async def apply(self, _tx: object, _event: object) -> None:
        raise KeyError("a fault of ours")


_STORY = (EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING, EgressStatus.EGRESS_COMPLETE)  # fmt: skip


@given(
    st.lists(st.sampled_from(range(len(_STORY))), max_size=12)
    .map(lambda repeats: [*repeats, *range(len(_STORY))])
    .flatmap(st.permutations)
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_with_any_repeats_ends_the_same_and_tells_each_thing_once(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    asyncio.run(_play(order, tmp_path_factory.mktemp("db")))


async def _play(order: list[int], folder: Path) -> None:
    async with asynccontextmanager(world_fixture.__wrapped__)(folder) as world:
        recording = await world.started()
        for turn, n in enumerate(order):
            info = EgressInfo(egress_id="EG_1", room_name="room-abc", status=_STORY[n], updated_at=n)
            info.room_composite.file_outputs.add(filepath=recording.object_key)
            if _STORY[n] == EgressStatus.EGRESS_COMPLETE:
                info.file_results.append(FileInfo(filename=recording.object_key, size=1, duration=10**9))
            event = WebhookEvent(event="egress_updated", id=f"EV_{turn}", egress_info=info)
            await world.inbox.take(*_signed_body(event))
            await world.inbox.process_next()
        assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
        assert await world.told("recording.started") <= 1
        assert await world.told("egress_ended") == 0  # it is told when the store has confirmed the file
        assert await world.count("inbox") == len(_STORY)
