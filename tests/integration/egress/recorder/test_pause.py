"""A pause leaves nothing in the file but a keyframe where it ended; pictures and sound go on in step."""

import itertools
import time
from pathlib import Path
from statistics import median

import av

from rtcstack.egress.container.boxes import read_outline
from rtcstack.egress.job import Ended, Pause, Progress, Resume, Span
from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import RecorderProcess, Stagehand
from tests.integration.egress.recorder.test_lip_sync import LIMIT_S

RED, BLUE, GREEN = (81, 90, 240), (41, 240, 110), (145, 54, 34)
BEFORE_HZ, DURING_HZ, AFTER_HZ = 440, 1000, 2200
_FRAME_S = 1 / 30


def _gap_s(first: Span, second: Span) -> float:
    return (second.wall_ns - first.wall_ns) / 1e9 - (second.pts_ms - first.pts_ms) / 1000


def _keyframes(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        packets = container.demux(video=0)
        return [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]


def _sound_starts(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(audio=0)]


def _record_with_pause(stage: Stagehand) -> tuple[RecorderProcess, Ended, float]:
    """Return also for how long it was paused."""
    ann = stage.come("ann", colour=RED, tone_hz=BEFORE_HZ)
    recorder = stage.record().until_started()
    recorder.wait_until(2.5)
    recorder.order(Pause())
    paused_s = time.monotonic()
    recorder.wait_until(3.0)
    ann.do("change", colour=BLUE, tone_hz=DURING_HZ)
    recorder.wait_until(4.5)
    ann.do("change", colour=GREEN, tone_hz=AFTER_HZ)
    recorder.wait_until(6.5)  # pictures are on their way for a while
    recorder.order(Pause())  # asked twice
    recorder.order(Resume())
    length_s = time.monotonic() - paused_s
    recorder.wait_until(9.0)
    return recorder, recorder.stop(), length_s


def test_nothing_of_a_pause_is_in_the_file(stage: Stagehand) -> None:
    recorder, ended, paused_s = _record_with_pause(stage)
    first, second = ended.spans
    assert abs(_gap_s(first, second) - paused_s) < 0.4

    footage, seam_s = Footage.read(recorder.file), second.pts_ms / 1000
    times = [at for at, _ in footage.pictures]
    # A tick that a busy machine misses has no picture; the one before stands for as long.
    assert all(_FRAME_S / 2 < after - before < 1.0 for before, after in itertools.pairwise(times))
    assert abs(times[-1] + _FRAME_S - ended.duration_ms / 1000) < 0.04
    seen = [picture[36, 64] for _, picture in footage.pictures]
    assert not any(close_to(tuple(map(int, colour)), BLUE, 40) for colour in seen)
    assert close_to(footage.colour(seam_s - 1.5 * _FRAME_S, 640, 360), RED)
    assert close_to(footage.colour(seam_s + 0.5 * _FRAME_S, 640, 360), GREEN)

    assert min(abs(seam_s - at) for at in _keyframes(recorder.file)) < _FRAME_S / 2
    starts = _sound_starts(recorder.file)
    assert all(abs(b - a - 1024 / 48_000) < 0.001 for a, b in itertools.pairwise(starts))
    assert footage.level(BEFORE_HZ, seam_s - 1.0, seam_s - 0.05) > 0.02
    assert footage.level(AFTER_HZ, seam_s + 0.05, seam_s + 1.0) > 0.02
    assert footage.level(DURING_HZ, 0.5, seam_s + 1.5) < 0.01
    assert footage.level(AFTER_HZ, seam_s - 1.0, seam_s - 0.05) < 0.01


def test_flash_and_beep_stay_together_after_pauses(stage: Stagehand) -> None:
    stage.come("ann", flashes=True, tone_hz=1000)
    recorder = stage.record().until_started()
    for begin_s, end_s in ((3.4, 4.7), (6.3, 8.6)):
        recorder.wait_until(begin_s)
        recorder.order(Pause())
        recorder.wait_until(end_s)
        recorder.order(Resume())
    recorder.wait_until(12.5)
    ended = recorder.stop()
    assert len(ended.spans) == 3

    footage = Footage.read(recorder.file)
    seams_s = [span.pts_ms / 1000 for span in ended.spans[1:]]
    flashes = [
        at for at in footage.flashes() if all(abs(at - seam) > 0.2 for seam in seams_s) and at > seams_s[0]
    ]
    beeps = footage.beeps()
    measured = [min((beep - flash for beep in beeps), key=abs) for flash in flashes]
    assert len([at for at in flashes if at > seams_s[-1]]) >= 2
    assert median(map(abs, measured)) <= LIMIT_S, [round(offset * 1000) for offset in measured]


def test_a_recorder_that_begins_paused_begins_its_file_when_it_is_resumed(stage: Stagehand) -> None:
    stage.come("ann", colour=GREEN, tone_hz=AFTER_HZ)
    recorder = stage.record(is_paused=True)
    recorder.until(Progress)
    assert read_outline(recorder.file).media_end == 0
    resumed_ns = time.time_ns()
    recorder.order(Resume())
    recorder.until_started()
    assert recorder.started
    assert recorder.started.wall_ns > resumed_ns
    recorder.wait_until(2.0)
    ended = recorder.stop()
    footage = Footage.read(recorder.file)
    assert footage.pictures[0][0] == 0
    assert abs(footage.pictures[-1][0] + _FRAME_S - ended.duration_ms / 1000) < 0.04
    assert close_to(footage.colour(0.5, 640, 360), GREEN)
    assert footage.level(AFTER_HZ, 0.3, 1.5) > 0.02


def test_one_that_is_never_resumed_ends_in_order(stage: Stagehand) -> None:
    recorder = stage.record(is_paused=True)
    recorder.until(Progress)
    ended = recorder.stop()
    assert (ended.reason, ended.duration_ms, ended.error, ended.spans) == ("stopped", 0, None, ())
