"""Recordings of less than the whole room: a participant, certain tracks, one track; checked by decoding them."""

import av
import pytest

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import RecorderProcess, Stagehand

BLUE, RED, GREEN = (110, 180, 90), (90, 100, 200), (130, 60, 60)


def check_bare(recorder: RecorderProcess, at_s: float, colour: tuple[int, int, int]) -> Footage:
    """One colour from edge to edge: nobody else beside, no name and no frame over it."""
    footage = Footage.read(recorder.file)
    for x, y in ((5, 5), (1275, 5), (640, 360), (5, 715), (60, 690)):
        assert close_to(footage.colour(at_s, x, y), colour), (x, y)
    return footage


def test_a_participant_alone_is_seen_and_heard(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, tone_hz=440)
    stage.come("bob", colour=RED, tone_hz=1000)
    source = {"video": {"identity": "ann"}, "audio": {"identities": ["ann"]}}
    recorder = stage.record(source=source).until_started()
    recorder.wait_until(2.5)
    ann.do("leave")
    ended = recorder.ended()

    assert ended.reason == "source_gone"
    footage = check_bare(recorder, 1.5, BLUE)
    assert close_to(footage.colour(0, 640, 360), BLUE), "the file begins with the picture"
    assert footage.level(440, 1.0, 2.0) > 0.1
    assert footage.level(1000, 1.0, 2.0) < 0.01


def test_a_participants_screen_is_recorded_with_its_own_sound(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    stage.come("bob", colour=RED, tone_hz=1000, screen=True)
    source = {
        "video": {"identity": "bob", "show": "screen"},
        "audio": {"identities": ["bob"], "of_screens": True},
    }
    recorder = stage.record(source=source).until_started()
    recorder.wait_until(2.5)
    recorder.stop()

    footage = check_bare(recorder, 2.0, RED)
    assert footage.level(1000, 1.0, 2.0) > 0.1
    assert footage.level(440, 1.0, 2.0) < 0.01


def test_tracks_of_different_people_make_one_recording_that_ends_with_them(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, tone_hz=440)
    bob = stage.come("bob", colour=RED, tone_hz=1000)
    source = {"video": {"track_id": ann.tracks["video"]}, "audio": {"track_ids": [bob.tracks["audio"]]}}
    recorder = stage.record(source=source).until_started()
    both = recorder.wait_until(2.0)
    ann.do("mute_video")
    muted = recorder.wait_until(recorder.now_s() + 1.2)
    ann.do("unpublish")
    bob.do("unpublish")

    assert recorder.ended().reason == "source_gone"
    footage = check_bare(recorder, both, BLUE)
    assert close_to(footage.colour(muted, 100, 100), DARK.placeholder)
    assert footage.level(1000, 1.0, 2.0) > 0.1
    assert footage.level(440, 1.0, 2.0) < 0.01


@pytest.mark.parametrize("part", [1, 2])
def test_a_single_picture_keeps_its_size_and_has_no_sound(stage: Stagehand, part: int) -> None:
    """Also in a part of which nobody remembers what the one before it was."""
    ann = stage.come("ann", colour=GREEN, tone_hz=440, width=480, height=640)
    recorder = stage.record(source={"track_id": ann.tracks["video"]}, part=part).until_started()
    recorder.wait_until(1.5)
    recorder.stop()

    with av.open(str(recorder.file)) as container:
        (video,) = container.streams
        assert (video.type, video.width, video.height) == ("video", 480, 640)
    assert close_to(Footage.read(recorder.file).colour(1.0, 470, 5), GREEN)


def test_a_single_sound_has_no_picture(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=GREEN, tone_hz=440)
    recorder = stage.record(source={"track_id": ann.tracks["audio"]}).until_started()
    recorder.wait_until(1.5)
    recorder.stop()

    footage = Footage.read(recorder.file)
    assert not footage.pictures
    assert footage.level(440, 0.7, 1.4) > 0.1


def test_who_comes_later_is_waited_for(stage: Stagehand) -> None:
    recorder = stage.record(source={"video": {"identity": "ann"}, "audio": {"is_everyones": True}})
    stage.come("ann", colour=BLUE)
    recorder.until_started().wait_until(1.5)
    recorder.stop()
    check_bare(recorder, 1.0, BLUE)


@pytest.mark.parametrize("preferred", ["camera", "screen_or_camera"])
def test_a_screen_may_be_preferred_to_the_camera(stage: Stagehand, preferred: str) -> None:
    stage.come("ann", colour=BLUE, has_audio=False)
    source = {"video": {"identity": "ann", "show": preferred}}
    recorder = stage.record(source=source, has_audio=False).until_started()
    recorder.wait_until(1.5)
    recorder.stop()
    check_bare(recorder, 1.0, BLUE)
