"""What a step of the self-check that failed says about the installation; when there is no live check."""

import pytest

from rtcstack.appliance.state import Snapshot
from rtcstack.demo.proof import EVERY_PICTURE
from rtcstack.demo.step import Outcome, Step
from rtcstack.doctor import live
from rtcstack.doctor.asking import Answer
from rtcstack.doctor.finding import Finding, Level, wrong
from rtcstack.doctor.live import Live
from tests.unit.doctor.conftest import MakeScene

_RUNNING = Snapshot(1, 1, {}, [])


def _outcome(*failed: str) -> Live:
    cleared = "Room deleted, recording kept"
    titles = ("Appliance ready", "Room", "Recording started", *failed, EVERY_PICTURE, cleared)
    steps = [Step(title, is_ok=title not in failed, result="seen") for title in dict.fromkeys(titles)]
    return Live(Outcome(steps, measured={"file_s": 10.02}))


def test_a_recording_that_went_well(make_scene: MakeScene) -> None:
    [finding] = live.judge(make_scene(), _outcome(), [], asked=None)
    assert (finding.id, finding.level) == ("live.recording", Level.OK)
    assert "10.0 s were recorded" in finding.seen


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Appliance ready", "api"),
        ("Participants with camera and microphone", "livekit"),
        ("Recording started", "egress"),
        ("Object fetched through the link", "minio"),
        ("Picture of every participant", "egress"),
    ],
)
def test_the_first_step_that_failed_leads_to_a_part(make_scene: MakeScene, title: str, part: str) -> None:
    before = [Finding.of("store.bucket", wrong("gone", cause="", cure=""))]
    failed = _outcome(title, "Room deleted, recording kept")
    [finding] = live.judge(make_scene(), failed, before, asked=None)
    assert finding.level is Level.ERROR
    assert finding.seen.startswith(f"{title}: seen")
    assert finding.cause.startswith(f"{part}: ")
    assert finding.cure.startswith("First mend what is wrong above: store.bucket.")
    assert f"logs/{part}.log" in finding.cure


def test_fewer_pictures_alone_are_a_warning(make_scene: MakeScene) -> None:
    [finding] = live.judge(make_scene(), _outcome(EVERY_PICTURE), [], asked=None)
    assert finding.level is Level.WARNING
    [finding] = live.judge(make_scene(), _outcome(EVERY_PICTURE, "Recording started"), [], asked=None)
    assert finding.level is Level.ERROR


def test_it_is_left_out_with_how_to_get_it(make_scene: MakeScene) -> None:
    down, up = make_scene(), make_scene(snapshot=_RUNNING)
    assert live.why_not(up, asked=None) == ""
    assert live.why_not(up, asked=False) == "--no-live was given."
    assert " up --detach --data " in live.why_not(down, asked=None)
    left_out = Live(left_out=live.why_not(down, asked=True))
    assert live.judge(down, left_out, [], asked=None) == []
    [finding] = live.judge(down, left_out, [], asked=True)
    assert finding.level is Level.ERROR
    assert finding.cure.startswith("Start it, then look again:\n  ")
    assert "does not run" not in finding.cure


def test_the_bundle_is_up_when_its_api_answers(make_scene: MakeScene) -> None:
    up = make_scene(is_apart=True, answers={"api": Answer("http://api:8080/readyz", 503)})
    down = make_scene(is_apart=True, answers={"api": Answer("http://api:8080/readyz", error="is down")})
    assert (up.is_up, down.is_up) == (True, False)
    assert "docker compose up -d --wait" in live.why_not(down, asked=None)
    assert up.command("doctor") == "docker compose run --rm api doctor"
    assert up.log_of("minio") == "docker compose logs --tail 50 minio"
