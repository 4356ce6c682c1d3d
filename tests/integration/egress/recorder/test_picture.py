"""What is seen and heard in a recording, checked by decoding it."""

import av
import numpy as np
import pytest

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import Stagehand

BLUE, RED = (110, 180, 90), (90, 100, 200)


def test_two_participants_lie_side_by_side_and_are_both_heard(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    stage.come("bob", colour=RED, tone_hz=1000)
    recorder = stage.record().until_started()
    recorder.wait_until(3.0)
    ended = recorder.stop()

    footage = Footage.read(recorder.file)
    assert close_to(footage.colour(2.5, 320, 360), BLUE)
    assert close_to(footage.colour(2.5, 960, 360), RED)
    assert close_to(footage.colour(2.5, 640, 90), DARK.background)
    assert footage.level(440, 1.5, 2.5) > 0.1
    assert footage.level(1000, 1.5, 2.5) > 0.1
    assert footage.level(700, 1.5, 2.5) < 0.01
    assert ended.reason == "stopped"
    assert ended.duration_ms == pytest.approx(3000, abs=500)


def test_the_file_has_constant_frame_rate_and_both_streams_begin_at_zero(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(2.5)
    ended = recorder.stop()

    with av.open(str(recorder.file)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 1280, 720)
        assert (audio.codec_context.name, audio.rate, audio.channels) == ("aac", 48_000, 2)
        assert video.start_time == audio.start_time == 0
        assert audio.duration * audio.time_base == pytest.approx(video.duration * video.time_base, abs=0.05)
        keyframes = [entry.timestamp * video.time_base for entry in video.index_entries if entry.is_keyframe]
    times = [at for at, _ in Footage.read(recorder.file).pictures]
    assert np.allclose(np.diff(times), 1 / 30)
    assert len(times) * 1000 // 30 == ended.duration_ms
    assert keyframes == [0, 2]


def test_the_grid_follows_who_comes_mutes_changes_and_leaves(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, has_audio=False)
    recorder = stage.record().until_started()
    alone = recorder.wait_until(1.5)
    bob = stage.come("bob", colour=RED, has_audio=False)
    together = recorder.wait_until(recorder.now_s() + 1.5)
    bob.do("mute_video")
    muted = recorder.wait_until(recorder.now_s() + 1)
    bob.do("unmute_video")
    unmuted = recorder.wait_until(recorder.now_s() + 1.5)
    bob.do("change", width=320, height=320)
    square = recorder.wait_until(recorder.now_s() + 1.5)
    ann.do("leave")
    left = recorder.wait_until(recorder.now_s() + 1.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(alone, 100, 100), BLUE)
    assert close_to(seen.colour(together, 320, 360), BLUE)
    assert close_to(seen.colour(together, 960, 360), RED)
    assert close_to(seen.colour(muted, 720, 230), DARK.placeholder)
    assert close_to(seen.colour(unmuted, 960, 360), RED)
    # A square one fills its cell from side to side, where 16:9 leaves background above and below.
    assert close_to(seen.colour(unmuted, 960, 100), DARK.background)
    assert close_to(seen.colour(square, 960, 100), RED)
    assert close_to(seen.colour(left, 640, 100), RED)
    assert close_to(seen.colour(left, 100, 360), DARK.background)


def test_a_screen_comes_first_and_a_rotated_picture_stands_upright(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, has_audio=False, rotation=1)
    stage.come("bob", colour=RED, has_audio=False, screen=True)
    recorder = stage.record().until_started()
    recorder.wait_until(2.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    # The screen has three quarters of the width; 640x360 turned by 90 degrees is 360x640 and fills the rest's.
    assert close_to(seen.colour(2.0, 480, 360), RED)
    assert close_to(seen.colour(2.0, 930, 360), RED)
    assert close_to(seen.colour(2.0, 1120, 140), BLUE)
    assert close_to(seen.colour(2.0, 1120, 40), DARK.background)


def test_who_only_speaks_has_a_placeholder_and_is_silent_when_muted(stage: Stagehand) -> None:
    ann = stage.come("ann", has_video=False, tone_hz=440)
    recorder = stage.record().until_started()
    speaking = recorder.wait_until(1.5)
    ann.do("mute_audio")
    muted = recorder.wait_until(recorder.now_s() + 1.2)
    ann.do("unmute_audio")
    again = recorder.wait_until(recorder.now_s() + 2.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(speaking, 100, 100), DARK.placeholder)
    assert seen.level(440, speaking - 0.5, speaking) > 0.1
    assert seen.level(440, muted - 0.5, muted) < 0.01
    assert seen.level(440, again - 0.5, again) > 0.1


def test_many_loud_voices_do_not_clip(stage: Stagehand) -> None:
    for number in range(3):
        stage.come(f"loud-{number}", has_video=False, tone_hz=300 + 200 * number, amplitude=0.8)
    recorder = stage.record().until_started()
    recorder.wait_until(2.5)
    recorder.stop()

    sound = Footage.read(recorder.file).sound
    assert np.abs(sound).max() < 1.3  # AAC overshoots
    assert np.abs(sound).max() > 0.8
    # What wraps around jumps from one end of the scale to the other, by 2, between two samples; these tones climb by 0.16.
    assert np.abs(np.diff(sound)).max() < 0.8


@pytest.mark.parametrize(("has_video", "has_audio"), [(True, False), (False, True)])
def test_a_recording_may_be_of_one_kind_only(stage: Stagehand, has_video: bool, has_audio: bool) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record(has_video=has_video, has_audio=has_audio).until_started()
    at = recorder.wait_until(2.5)
    ended = recorder.stop()

    footage = Footage.read(recorder.file)
    assert ended.duration_ms == pytest.approx(2500, abs=500)
    if has_video:
        assert close_to(footage.colour(at, 640, 360), BLUE)
        assert not footage.sound.size
    else:
        assert not footage.pictures
        assert footage.level(440, at - 0.5, at) > 0.1
