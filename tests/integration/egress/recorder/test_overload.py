"""A machine that is far too busy costs pictures, and nothing else: no time, no sound, no long stop."""

import itertools
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import av
import pytest

from rtcstack.egress.job import Ended
from tests.integration.egress.recorder.footage import RATE_HZ, Footage
from tests.integration.egress.recorder.harness import RecorderProcess, Stagehand

_RECORDERS = 3
_HOGS = 4
_TONE_HZ, _LOUD_ENOUGH = 440, 0.05


@contextmanager
def _on_one_processor() -> Iterator[None]:
    """What is started meanwhile shares one: whoever sends, and LiveKit, are left in peace where there are others."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


@contextmanager
def _busy() -> Iterator[None]:
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(_HOGS)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def _lengths(recorder: RecorderProcess) -> tuple[float, float]:
    """Return how long pictures and sound last, in seconds."""
    with av.open(str(recorder.file)) as file:
        video, audio = (float(stream.duration * stream.time_base) for stream in file.streams)
        return video, audio


def _heard(recorder: RecorderProcess, footage: Footage) -> dict[int, bool]:
    """Return by tenths of a second, wall time, whether the tone is heard."""
    assert recorder.started
    began_s = recorder.started.wall_ns / 1e9
    tenths = range(math.ceil(began_s * 10), math.floor((began_s + len(footage.sound) / RATE_HZ) * 10))
    begins_s = {tenth: tenth / 10 - began_s for tenth in tenths}
    return {
        tenth: footage.level(_TONE_HZ, at_s, at_s + 0.1) > _LOUD_ENOUGH for tenth, at_s in begins_s.items()
    }


def _check_whole(
    recorder: RecorderProcess, ended: Ended, recorded_s: tuple[float, float], to_hear: dict[int, bool]
) -> None:
    assert ended.reason == "stopped"
    assert ended.error is None
    at_least, at_most = recorded_s
    pictures_s, sound_s = _lengths(recorder)
    assert at_least - 0.1 < pictures_s < at_most + 0.1
    assert abs(pictures_s - ended.duration_ms / 1000) < 0.01
    assert abs(sound_s - pictures_s) < 0.05
    footage = Footage.read(recorder.file)
    times = [at for at, _ in footage.pictures]
    assert times[0] == 0
    assert all(later > one for one, later in itertools.pairwise(times))
    missing = [
        tenth for tenth, is_heard in _heard(recorder, footage).items() if to_hear.get(tenth) and not is_heard
    ]
    told_s = ended.lacks.sound_ms / 1000 if ended.lacks else 0.0
    assert len(missing) / 10 < told_s + 1.0


def test_files_are_as_long_as_what_was_recorded_on_a_machine_that_is_far_too_busy(stage: Stagehand) -> None:
    """What is to be heard is what another recorder, of sound alone and not as busy, has heard of it."""
    stage.come("ann", moves=True, tone_hz=_TONE_HZ)
    folder = stage.folder
    witness = stage.record(egress_id="EG_witness", has_video=False).until_started()
    recorders = []
    for number in range(_RECORDERS):
        stage.folder = folder / str(number)
        with _on_one_processor():
            recorders.append(stage.record(egress_id=f"EG_{number}"))
        recorders[-1].until_started()
    with _on_one_processor(), _busy():
        recorders[0].wait_until(8)
        ends = []
        for recorder in recorders:
            asked_s = recorder.now_s()
            ended = recorder.stop()
            ends.append((recorder, ended, (asked_s, recorder.now_s())))
    witness.stop()
    to_hear = _heard(witness, Footage.read(witness.file))
    assert sum(to_hear.values()) > len(to_hear) / 2
    for recorder, ended, recorded_s in ends:  # it is recorded until the order has arrived
        _check_whole(recorder, ended, recorded_s, to_hear)


def test_a_file_is_never_larger_than_it_may_be(stage: Stagehand) -> None:
    stage.come("ann", moves=True, tone_hz=440, width=1280, height=720)
    recorder = stage.record(max_bytes=2_500_000).until_started()
    ended = recorder.ended()

    assert ended.reason == "limit_reached"
    assert 600_000 < recorder.file.stat().st_size <= 2_500_000
    pictures_s, sound_s = _lengths(recorder)
    assert pictures_s == pytest.approx(ended.duration_ms / 1000, abs=0.01)
    assert abs(sound_s - pictures_s) < 0.05
