"""What happens to tracks while they are recorded: published again, turned, grown, shared with sound, at a standstill, silent."""

from typing import Any

import numpy as np
import pytest

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import (
    RATE_HZ,
    Colour,
    Footage,
    Thumbnail,
    at_place,
    close_to,
)
from tests.integration.egress.recorder.harness import Participant, RecorderProcess, Stagehand

BLUE, RED, GREEN = (110, 180, 90), (90, 100, 200), (130, 60, 60)
CORNERS = ((540, 260), (740, 260), (740, 460), (540, 460))
"""Around the middle, clockwise from the upper left one."""
SIDES = {
    (True, True, False, False): "above",
    (False, True, True, False): "right",
    (False, False, True, True): "below",
    (True, False, False, True): "left",
}
ON_SCREEN = (320, 180)
"""A place of a shared screen, beside others in 1280x720 as well as alone in 640x360."""
IN_TIME_S = 0.15


def test_a_camera_and_microphone_come_back_after_they_were_unpublished(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, tone_hz=440)
    stage.come("bob", has_video=False, tone_hz=1000)
    recorder = stage.record().until_started()
    before = recorder.wait_until(2.0)
    ann.do("unpublish")
    gone = recorder.wait_until(recorder.now_s() + 1.5)
    ann.do("publish")
    again = recorder.wait_until(recorder.now_s() + 2.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(before, 320, 360), BLUE)
    assert close_to(seen.colour(gone, 60, 100), DARK.placeholder), "bob alone has the whole picture"
    assert close_to(seen.colour(again, 320, 360), BLUE)
    assert seen.level(440, before - 0.5, before) > 0.1
    assert seen.level(440, gone - 0.5, gone) < 0.01
    assert seen.level(440, again - 0.5, again) > 0.1
    assert seen.level(1000, gone - 0.5, gone) > 0.1


def test_a_camera_that_is_turned_and_grows_stays_whole_and_upright(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, has_audio=False)
    recorder = stage.record().until_started()
    level = recorder.wait_until(1.5)
    ann.do("change", rotation=3)
    turned = recorder.wait_until(recorder.now_s() + 1.5)
    ann.do("change", rotation=0, width=960, height=720)
    grown = recorder.wait_until(recorder.now_s() + 1.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(level, 10, 10), BLUE)
    assert close_to(seen.colour(turned, 640, 20), BLUE)
    assert close_to(seen.colour(turned, 400, 360), DARK.background), "640x360 on its side is 405 wide"
    assert close_to(seen.colour(grown, 200, 360), BLUE)
    assert close_to(seen.colour(grown, 100, 360), DARK.background), "4:3 is 960 wide"


def _side(picture: Thumbnail) -> str | None:
    """Return where of the middle red is seen, and blue everywhere else."""
    red = tuple(close_to(at_place(picture, *corner), RED) for corner in CORNERS)
    blue = tuple(close_to(at_place(picture, *corner), BLUE) for corner in CORNERS)
    return SIDES.get(red) if all(one != other for one, other in zip(red, blue, strict=True)) else None


def test_a_picture_is_turned_clockwise_by_as_much_as_its_sender_says(stage: Stagehand) -> None:
    """WebRTC's rotation is the clockwise turn that makes a picture upright (`api/video/video_rotation.h`).

    LiveKit passes no `video-orientation` on (`pkg/rtc/config.go`), so the sender turns what it sends: it is turned once.
    """
    ann = stage.come("ann", colour=BLUE, upper=RED, has_audio=False)
    recorder = stage.record().until_started()
    seen_s = {}
    for quarter_turns in range(4):
        ann.do("change", rotation=quarter_turns)
        seen_s[quarter_turns] = recorder.wait_until(recorder.now_s() + 1.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    sides = {quarter_turns: _side(seen.picture(at_s)) for quarter_turns, at_s in seen_s.items()}
    assert sides == {0: "above", 1: "right", 2: "below", 3: "left"}


def test_a_screen_is_seen_and_heard_beside_whoever_shares_it(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    before = recorder.wait_until(1.5)
    bob = stage.come("bob", colour=RED, tone_hz=1000, screen=True)
    shared = recorder.wait_until(recorder.now_s() + 2.0)
    bob.do("leave")
    after = recorder.wait_until(recorder.now_s() + 1.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(before, 640, 360), BLUE)
    assert close_to(seen.colour(shared, 480, 360), RED)
    assert close_to(seen.colour(shared, 1120, 360), BLUE)
    assert close_to(seen.colour(after, 640, 360), BLUE)
    assert seen.level(1000, before - 0.5, before) < 0.01
    assert min(seen.level(hz, shared - 0.5, shared) for hz in (440, 1000)) > 0.03


def _shows(picture: Thumbnail, colour: Colour, place: tuple[int, int] = ON_SCREEN) -> bool:
    return close_to(at_place(picture, *place), colour)


@pytest.mark.parametrize("is_alone", [False, True], ids=["beside a camera", "as a single track"])
def test_a_screen_on_which_nothing_moves_is_seen_until_it_is_shared_no_more(
    stage: Stagehand, is_alone: bool
) -> None:
    stage.come("ann", colour=BLUE, has_audio=False)
    bob = stage.come("bob", colour=RED, has_audio=False, screen=True)
    source = {"track_id": bob.tracks["video"]} if is_alone else {}
    recorder = stage.record(source=source).until_started()
    recorder.until_shows(lambda picture: _shows(picture, RED))
    bob.do("change", colour=GREEN, stands=True)
    since_s = recorder.until_shows(lambda picture: _shows(picture, GREEN))
    until_s = recorder.wait_until(since_s + 4.5)
    bob.do("unpublish")
    if is_alone:
        assert recorder.ended().reason == "source_gone"
    else:
        recorder.until_shows(lambda picture: _shows(picture, BLUE, (640, 360)))
        recorder.stop()

    standing = [
        (at_s, at_place(picture, *ON_SCREEN))
        for at_s, picture in Footage.read(recorder.file).pictures
        if since_s <= at_s <= until_s
    ]
    assert standing[-1][0] - standing[0][0] > 4
    assert [(at_s, colour) for at_s, colour in standing if not close_to(colour, GREEN)] == []


def _tell(recorder: RecorderProcess, whom: Participant, **to: Any) -> float:
    """Have somebody change; return in the middle of which moment of the recording it was done."""
    begins_s = recorder.now_s()
    whom.do("change", **to)
    return (begins_s + recorder.now_s()) / 2


def test_a_microphone_that_sends_nothing_while_it_is_silent_is_heard_when_it_sounds(stage: Stagehand) -> None:
    """So do browsers' (`dtx`): each of three words has its place, and so has its end; the busiest moment may be off."""
    ann = stage.come("ann", has_video=False, tone_hz=440, amplitude=0.0, dtx=True)
    recorder = stage.record().until_started()
    recorder.wait_until(1.0)
    words_s = []
    for _ in range(3):
        recorder.wait_until(recorder.now_s() + 1.3)
        begins_s = _tell(recorder, ann, amplitude=0.2)
        recorder.wait_until(recorder.now_s() + 1.3)
        words_s.append((begins_s, _tell(recorder, ann, amplitude=0.0)))
    end_s = recorder.wait_until(recorder.now_s() + 1.3)
    recorder.stop()

    seen = Footage.read(recorder.file)
    loudness = np.convolve(np.abs(seen.sound), np.ones(RATE_HZ // 100) / (RATE_HZ // 100), "same")
    loud_s = np.flatnonzero(loudness > 0.03) / RATE_HZ
    too_late_s = []
    for (begins_s, ends_s), next_s in zip(
        words_s, (*(begin for begin, _ in words_s[1:]), end_s), strict=True
    ):
        assert seen.level(440, begins_s - 0.7, begins_s) < 0.01
        assert seen.level(440, begins_s + 0.3, ends_s) > 0.05
        assert seen.level(440, ends_s + 0.5, next_s) < 0.01
        heard_s = loud_s[(loud_s > begins_s - 0.5) & (loud_s < ends_s + 0.5)]
        too_late_s.append((heard_s[0] - begins_s, heard_s[-1] - ends_s))
    assert np.abs(np.median(too_late_s, axis=0)).max() < IN_TIME_S, too_late_s
