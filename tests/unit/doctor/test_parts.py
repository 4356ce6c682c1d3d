"""Parts that are unwell, by the supervisor and by the API."""

import json
import time

from rtcstack.appliance.state import PartState, PartStatus, Snapshot, birth
from rtcstack.doctor.asking import Answer
from rtcstack.doctor.checks import parts
from rtcstack.doctor.finding import Level
from tests.unit.doctor.conftest import MakeScene

_API = "http://127.0.0.1:8080/readyz"


def _snapshot(state: PartState, note: str = "", silent_s: float = 0.0) -> Snapshot:
    """Process 1 stands for the supervisor: it is always there."""
    ok, one = PartStatus("redis", state="healthy"), PartStatus("livekit", state=state, note=note)
    return Snapshot(1, birth(1) or 0, {}, [ok, one], beat_s=time.monotonic() - silent_s)


async def test_a_failed_part_is_told_with_the_end_of_its_log(make_scene: MakeScene) -> None:
    scene = make_scene(snapshot=_snapshot("failed", "it ended with status 1"))
    logs = scene.settings.data / "logs"
    logs.mkdir(parents=True)
    lines = [
        {"level": "error", "msg": "could not start", "error": "bad key"},
        {"level": "info", "msg": "bye"},
    ]
    (logs / "livekit.log").write_text("\n".join(map(json.dumps, lines)))
    [verdict] = parts.state(scene, await parts.look(scene))
    assert verdict.level is Level.ERROR
    assert verdict.seen == "livekit is failed: it ended with status 1"
    assert verdict.cause == "its log says: could not start: bad key"
    assert f"tail -n 50 {logs / 'livekit.log'}" in verdict.cure


def test_the_last_complaint_of_a_log() -> None:
    assert parts.complaint('{"level": "info", "event": "hello"}\nplain words\n\n') == "plain words"
    assert parts.complaint('{"level": "info", "event": "hello"}') == ""
    assert parts.complaint("") == ""


async def test_a_part_that_is_only_starting_is_a_warning(make_scene: MakeScene) -> None:
    scene = make_scene(snapshot=_snapshot("starting"))
    assert [v.level for v in parts.state(scene, await parts.look(scene))] == [Level.WARNING]


async def test_healthy_parts_are_well_and_a_silent_supervisor_is_not(make_scene: MakeScene) -> None:
    scene = make_scene(snapshot=_snapshot("healthy"))
    assert [v.level for v in parts.state(scene, await parts.look(scene))] == [Level.OK]
    scene = make_scene(snapshot=_snapshot("healthy", silent_s=60))
    [verdict] = parts.state(scene, await parts.look(scene))
    assert "the supervisor (pid 1) has not reported" in verdict.seen


async def test_parts_without_a_supervisor_are_to_be_stopped(make_scene: MakeScene) -> None:
    scene = make_scene(leftovers=frozenset({"redis", "minio"}))
    [verdict] = parts.state(scene, {})
    assert verdict.level is Level.ERROR
    assert "minio, redis" in verdict.seen


def test_what_the_api_does_not_reach_is_told_one_by_one(make_scene: MakeScene) -> None:
    report = {
        "status": "unready",
        "parts": {
            "redis": "ok",
            "minio": "The object store has no bucket b.",
            "egress": "No Egress worker answers.",
        },
        "disk": "full",
    }
    scene = make_scene(answers={"api": Answer(_API, 503, body=json.dumps(report))})
    seen = {verdict.seen for verdict in parts.answers(scene, {})}
    assert seen == {
        "minio, as the API sees it: The object store has no bucket b.",
        "egress, as the API sees it: No Egress worker answers.",
        "disk, as the API sees it: full",
    }


def test_an_api_that_does_not_answer_or_is_another(make_scene: MakeScene) -> None:
    for answer in (Answer(_API, error="cannot be reached: refused"), Answer(_API, 404, body="<html>")):
        [verdict] = parts.answers(make_scene(answers={"api": answer}), {})
        assert verdict.level is Level.ERROR
        assert verdict.seen == answer.seen
