"""What happens around a recorder does not tear a hole into its file."""

import os
import signal

import numpy as np

from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart

BLUE = (110, 180, 90)


def check_no_hole(footage: Footage) -> None:
    assert np.allclose(np.diff([at for at, _ in footage.pictures]), 1 / 30)
    assert abs(len(footage.sound) / 48_000 - footage.pictures[-1][0]) < 0.2


def check_one_still(footage: Footage) -> None:
    """One picture stands for as long as the process stood still; what was overdue then is not made up for."""
    times = [at for at, _ in footage.pictures]
    steps = np.diff(times)
    assert 1.5 < steps.max() < 2.5
    assert np.delete(steps, steps.argmax()).max() < 0.5
    assert abs(len(footage.sound) / 48_000 - times[-1]) < 0.2


def test_a_stopped_process_goes_on_where_it_should_be(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(1.5)
    recorder.process.send_signal(signal.SIGSTOP)
    recorder.wait_until(3.5)
    recorder.process.send_signal(signal.SIGCONT)
    end = recorder.wait_until(5.5)
    ended = recorder.stop()

    footage = Footage.read(recorder.file)
    check_one_still(footage)
    assert abs(ended.duration_ms / 1000 - end) < 0.5
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 0.7, end - 0.2) > 0.1


def test_a_restart_of_livekit_is_outlived(stage: Stagehand, livekit_server: SinglePart) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(1.5)
    os.kill(livekit_server.pid, signal.SIGKILL)
    livekit_server.stop()
    livekit_server.start()
    end = recorder.wait_until(recorder.now_s() + 9)
    recorder.stop()

    footage = Footage.read(recorder.file)
    check_no_hole(footage)
    assert close_to(footage.colour(1.4, 640, 360), BLUE)
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 1, end - 0.2) > 0.1
