"""What happens around a recorder does not tear a hole into its file."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still

BLUE = (110, 180, 90)


def check_no_hole(footage: Footage, length_s: float) -> None:
    """It is as long as what was recorded, tick by tick; a tick that a busy machine misses has the picture before."""
    times = np.array([at for at, _ in footage.pictures])
    assert np.allclose(times * 30, np.round(times * 30), atol=0.01)
    assert abs(times[-1] + 1 / 30 - length_s) < 0.04
    assert abs(len(footage.sound) / 48_000 - times[-1]) < 0.2


def check_one_still(footage: Footage, stood_s: float) -> None:
    """One picture stands for as long as the process stood still; what was overdue then is not made up for."""
    times = [at for at, _ in footage.pictures]
    steps = np.diff(times)
    assert stood_s - 0.1 < steps.max() < stood_s + 2.0
    assert np.delete(steps, steps.argmax()).max() < 1.0
    assert abs(len(footage.sound) / 48_000 - times[-1]) < 0.2


def test_a_stopped_process_goes_on_where_it_should_be(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(1.5)
    with standing_still(recorder.process.pid):
        stands_s = recorder.now_s()
        recorder.wait_until(3.5)
        stood_s = recorder.now_s() - stands_s
    end = recorder.wait_until(5.5)
    ended = recorder.stop()

    footage = Footage.read(recorder.file)
    check_one_still(footage, stood_s)
    assert ended.duration_ms / 1000 > end - 0.2
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 0.7, end - 0.2) > 0.1


def silent_s(footage: Footage, hz: float) -> float:
    """For how long a tone is missing that was there all the time."""
    steps = np.arange(0.5, len(footage.sound) / 48_000 - 0.5, 0.1)
    return 0.1 * sum(footage.level(hz, at, at + 0.1) < 0.05 for at in steps)


@pytest.fixture
def sounds(stage: Stagehand, tmp_path: Path) -> Iterator[Stagehand]:
    """Another room, in which nobody has a camera."""
    stagehand = Stagehand(stage.livekit, tmp_path / "sounds", f"{stage.room}-sounds")
    yield stagehand
    stagehand.clear()


def test_a_restart_of_livekit_is_outlived(
    stage: Stagehand, sounds: Stagehand, livekit_server: SinglePart
) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    sounds.come("ben", tone_hz=880)
    recorder, listener = stage.record().until_started(), sounds.record(has_video=False).until_started()
    recorder.wait_until(1.5)
    killed_ns = time.time_ns()
    os.kill(livekit_server.pid, signal.SIGKILL)
    livekit_server.stop()
    livekit_server.start()
    restarted_ns = time.time_ns()
    end = recorder.wait_until(recorder.now_s() + 9)
    ended, heard = recorder.stop(), listener.stop()

    assert recorder.started is not None
    footage, only_sound = Footage.read(recorder.file), Footage.read(listener.file)
    for lacks, missing_s in (
        (ended.lacks, silent_s(footage, 440)),
        (heard.lacks, silent_s(only_sound, 880)),
    ):
        assert lacks is not None
        assert recorder.started.wall_ns < lacks.cut_off_ns < restarted_ns
        # Whoever is heard has to come back as well, and may do so later.
        assert (restarted_ns - killed_ns) / 1e9 - 0.5 < lacks.cut_off_ms / 1000 < missing_s + 1.0
    check_no_hole(footage, ended.duration_ms / 1000)
    assert ended.duration_ms / 1000 > end - 0.2
    assert close_to(footage.colour(1.4, 640, 360), BLUE)
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 1, end - 0.2) > 0.1
