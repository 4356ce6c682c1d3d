import io
import json

import pytest
from rich.console import Console

from rtcstack.demo import report
from rtcstack.demo.step import Outcome, Step, StepFailed


def _failing() -> Outcome:
    outcome = Outcome(
        object_uri="s3://bucket/room/file.mp4", download_url="http://127.0.0.1/bucket/[red]x?a=1&b=2"
    )
    with outcome.step("Room") as step:
        step.result = "room-1"
    with pytest.raises(StepFailed), outcome.step("Webhook"):
        raise StepFailed(expected="an event [of any kind]", seen="none", look="api.log")
    return outcome


def test_a_failed_step_says_what_was_expected_seen_and_where_to_look() -> None:
    outcome = _failing()
    assert [step.is_ok for step in outcome.steps] == [True, False]
    assert outcome.steps[1].result == "Expected an event [of any kind]; seen: none. Look at api.log."
    assert not outcome.is_ok


def test_an_outcome_without_steps_is_not_ok() -> None:
    assert not Outcome().is_ok


def test_every_step_is_announced_with_its_time() -> None:
    seen: list[Step] = []
    outcome = Outcome()
    with outcome.step("Room", seen.append):
        assert not seen
    assert seen == outcome.steps
    assert seen[0].is_ok
    assert seen[0].took_s >= 0


def test_an_unforeseen_error_fails_the_step_and_goes_on() -> None:
    outcome = Outcome()
    with pytest.raises(ZeroDivisionError), outcome.step("Room"):
        raise ZeroDivisionError("by nothing")
    assert outcome.steps[0].result == "ZeroDivisionError: by nothing"


def test_the_table_names_failure_file_and_link_as_they_are() -> None:
    text = io.StringIO()
    report.show(Console(file=text, width=200, color_system=None), _failing())
    shown = text.getvalue()
    assert "Expected an event [of any kind]; seen: none. Look at api.log." in shown
    assert "s3://bucket/room/file.mp4" in shown
    assert "http://127.0.0.1/bucket/[red]x?a=1&b=2\n" in shown


def test_the_json_has_every_step() -> None:
    out = json.loads(report.as_json(_failing()))
    assert out["ok"] is False
    assert [step["title"] for step in out["steps"]] == ["Room", "Webhook"]
    assert out["object_uri"] == "s3://bucket/room/file.mp4"
