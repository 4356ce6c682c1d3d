"""What a page offers is what can be done, and what is chosen there is what is so."""

import re

import pytest

from rtcstack.domain.recording import RecordingState
from rtcstack.domain.webhook import Endpoint
from tests.unit.dashboard.rendering import facts, recording, render, room


@pytest.mark.parametrize("state", RecordingState)
def test_a_recording_that_hangs_can_be_recovered(state: RecordingState) -> None:
    hangs = state in {RecordingState.STOPPING, RecordingState.PROCESSING}
    assert ("/recordings/rec_1/recover" in facts(recording(state, egress_id="EG_1"))) == hangs
    assert "/recover" not in facts(recording(state)), "LiveKit knows nothing of it"


def _chosen(page: str) -> list[str]:
    return re.findall(r"<option selected>([\w-]+)</option>", page)


def test_the_layout_of_a_recording_that_runs_is_the_one_that_is_chosen() -> None:
    assert _chosen(room()) == []
    plain = room(recording(RecordingState.RECORDING))
    assert "The room is being recorded, with the layout grid." in plain
    options = {"layout": "grid-light", "max_tiles": 9}
    running = room(recording(RecordingState.RECORDING, options=options))
    assert _chosen(running) == ["grid-light"]
    assert "with the layout grid-light of at most 9 tiles." in running
    sound = room(recording(RecordingState.RECORDING, options={"audio_only": True}))
    assert 'layout" disabled>Change the layout' in sound


def test_a_new_secret_and_the_end_of_an_endpoint_are_asked_for_twice() -> None:
    page = render("webhook_now.html", endpoint=Endpoint("whk_1", "default", "https://a.example", (), "s", 1))
    for act, asks in (("rotate", True), ("delete", True), ("pause", False), ("test", False)):
        [form] = re.findall(rf'<form method="post" action="/webhooks/whk_1/{act}"[^>]*>', page)
        assert ("hx-confirm" in form) == asks, act
