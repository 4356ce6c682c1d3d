"""What services count as it happens."""

import base64
import hashlib

import pytest
from google.protobuf.json_format import MessageToJson
from livekit.api import AccessToken
from livekit.protocol.webhook import WebhookEvent

from rtcstack.domain.delivery import Attempt
from rtcstack.domain.finding import Finding, FindingKind
from rtcstack.errors import DiskFull, PartRefused, PartUnavailable, Unauthenticated
from rtcstack.metrics.counted import REGISTRY
from rtcstack.services.repairs import note_repair
from rtcstack.workers.runner import Worker
from tests.fakes.livekit import KEY, SECRET
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put

_URL = "https://customer.example/hook"


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"rtcstack_{name}", labels) or 0.0


def _signed(event: str) -> tuple[bytes, str]:
    body = MessageToJson(WebhookEvent(event=event, id=f"EV_{event}")).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return body, AccessToken(KEY, SECRET).with_sha256(digest).to_jwt()


async def test_deliveries_count_by_what_came_of_them(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    outcomes = ("refused", "unreachable", "delivered")
    before = [_value("webhook_deliveries_total", outcome=outcome) for outcome in outcomes]
    tries, delays = (
        _value("webhook_request_duration_seconds_count"),
        _value("webhook_delivery_delay_seconds_sum"),
    )
    world.sender.answers = [Attempt(500, "oops", None, 1), Attempt(None, "", "refused", 1)]
    await put(world)
    for _ in range(3):
        assert await world.deliver()
        world.clock.advance(20)
    after = [_value("webhook_deliveries_total", outcome=outcome) for outcome in outcomes]
    assert [a - b for a, b in zip(after, before, strict=True)] == [1, 1, 1]
    assert _value("webhook_request_duration_seconds_count") == tries + 3
    assert _value("webhook_delivery_delay_seconds_sum") == delays + 40


async def test_events_of_livekit_count_by_name_and_outcome(world: World) -> None:
    counted = [("room_started", "new"), ("room_started", "repeated"), ("room_started", "applied")]
    counted += [("other", "new"), ("other", "refused")]
    before = [_value("inbox_events_total", kind=kind, outcome=outcome) for kind, outcome in counted]
    for event in ("room_started", "made_up"):
        await world.inbox.take(*_signed(event))
    body, token = _signed("room_started")
    await world.inbox.take(body, token)
    with pytest.raises(Unauthenticated):
        await world.inbox.take(body + b" ", token)
    await world.inbox.process_next()
    after = [_value("inbox_events_total", kind=kind, outcome=outcome) for kind, outcome in counted]
    assert [a - b for a, b in zip(after, before, strict=True)] == [1] * 5
    assert abs(_value("livekit_clock_skew_seconds")) < 30


async def test_a_start_that_comes_to_nothing_counts_by_its_reason(world: World) -> None:
    refused = PartRefused("LiveKit says no.", part="livekit")
    world.livekit.fail_next(refused)
    before = _value("recording_starts_refused_total", reason=refused.word)
    with pytest.raises(PartRefused):
        await world.started()
    assert _value("recording_starts_refused_total", reason=refused.word) == before + 1


async def test_a_start_whose_second_try_succeeds_came_to_something(world: World) -> None:
    passing = PartUnavailable("no response from servers", part="livekit")
    world.livekit.fail_next(passing)
    before = _value("recording_starts_refused_total", reason=passing.word)
    await world.started()
    assert _value("recording_starts_refused_total", reason=passing.word) == before


async def test_a_start_for_which_the_disk_is_too_full_counts_as_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.preflight, "disk_failure", lambda: DiskFull("The disk is full."))
    before = _value("recording_starts_refused_total", reason="disk_full")
    with pytest.raises(DiskFull):
        await world.started()
    assert _value("recording_starts_refused_total", reason="disk_full") == before + 1


def test_what_can_be_refused_is_there_from_the_start() -> None:
    """A rate, and an alarm that goes by one, counts from one value to the next."""
    for reason in ("capacity", "disk_full", "unavailable", "refused"):
        labels = {"reason": reason}
        assert REGISTRY.get_sample_value("rtcstack_recording_starts_refused_total", labels) is not None


async def test_repairs_count_by_kind(world: World) -> None:
    before = _value("reconcile_repairs_total", kind="egress_gone")
    finding = Finding(FindingKind.EGRESS_GONE, "EG_1", "It is gone.", TENANT, "rec_1", "it is looked for")
    async with world.db.transaction() as tx:
        await note_repair(tx, finding, world.clock.now_ms())
    assert _value("reconcile_repairs_total", kind="egress_gone") == before + 1


async def test_rounds_of_a_worker_count_by_what_they_came_to() -> None:
    rounds: list[bool | None] = [True, None, False]

    async def run_once() -> bool:
        outcome = rounds.pop(0)
        if not rounds:
            worker.stop()
        if outcome is None:
            worker.wake()
            raise ZeroDivisionError
        return outcome

    worker = Worker("counted", run_once)
    await worker.run()
    found = [_value("worker_rounds_total", worker="counted", outcome=o) for o in ("done", "failed", "idle")]
    assert found == [1, 1, 1]
