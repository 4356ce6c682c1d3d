"""The file's time is the time that was recorded, also when the disk or the encoder could not follow."""

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest

from rtcstack.egress.job import Encoding, RecordingJob
from rtcstack.egress.ledger import Image, Ledger
from rtcstack.egress.outputs import ImagesOutput, Outputs
from rtcstack.egress.recorder.clock import NS, RecordingClock
from rtcstack.egress.recorder.conductor import Conductor
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.files import open_files
from rtcstack.egress.recorder.pauses import FileTick
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.writer import Writer

_PATIENCE_S = 60.0
_HELD_S = 2.0
_ENCODING = Encoding(320, 180)


class _HeldEncoder(Encoder):
    """An encoder whose disk takes nothing until it is let go."""

    def __init__(self, file: Path, encoding: Encoding) -> None:
        super().__init__(file, encoding)
        self.let_go = threading.Event()

    def write_picture(self, frame: av.VideoFrame, tick: int) -> None:
        assert self.let_go.wait(_PATIENCE_S)
        super().write_picture(frame, tick)


@dataclass
class _Machine:
    """A conductor and a writer on an encoder that can be held."""

    folder: Path
    limits: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.job = RecordingJob("EG_1", "room", "", "", "", self.folder, encoding=_ENCODING, **self.limits)
        self.encoder = _HeldEncoder(self.job.file, _ENCODING)
        self.limit = threading.Event()
        self.writer = Writer(self.encoder, lambda: self.faults.append("writer"))
        self.conductor = Conductor(
            self.job,
            Stage(),
            self.writer,
            lambda _: None,
            lambda: self.faults.append("conductor"),
            self.limit.set,
        )

    def start(self) -> None:
        self.writer.start()
        self.begun = time.monotonic()
        self.conductor.start()

    def hold_up(self) -> None:
        """Return when no more pictures are queued and time has gone on."""
        deadline = time.monotonic() + _PATIENCE_S
        while not self.writer.is_behind:
            assert time.monotonic() < deadline, "the writer was never behind"
            time.sleep(0.01)
        time.sleep(_HELD_S)

    def wait_for_tick(self, tick: int) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while self.conductor.tick < tick:
            assert time.monotonic() < deadline, f"the conductor did not come to tick {tick}"
            time.sleep(0.01)

    def finish(self) -> float:
        """Return how long it was recorded."""
        recorded_s = time.monotonic() - self.begun
        self.conductor.finish()
        self.writer.finish()
        assert self.faults == []
        return recorded_s

    def times(self) -> tuple[list[float], float, float]:
        """Return when the pictures are shown, and how long pictures and sound last."""
        with av.open(str(self.job.file)) as made:
            ends = [float(stream.duration * stream.time_base) for stream in made.streams]
        with av.open(str(self.job.file)) as made:
            return [frame.time for frame in made.decode(video=0)], ends[0], ends[1]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[_Machine]:
    made = _Machine(tmp_path)
    yield made
    made.encoder.let_go.set()


def test_while_the_encoder_is_held_up_no_work_piles_up_and_no_time_is_lost(machine: _Machine) -> None:
    machine.start()
    machine.hold_up()
    machine.encoder.let_go.set()
    recorded_s = machine.finish()

    times, pictures_s, sound_s = machine.times()
    assert len(times) < machine.conductor.tick / 2, "what is long overdue must not be encoded"
    assert machine.conductor.late > machine.conductor.tick / 2
    assert abs(pictures_s - machine.conductor.duration_ms / 1000) < 0.05
    assert abs(sound_s - pictures_s) < 0.05
    assert abs(pictures_s - recorded_s) < 0.5


def test_a_disk_that_stands_still_does_not_keep_the_sound_from_being_collected(machine: _Machine) -> None:
    machine.start()
    machine.hold_up()
    machine.wait_for_tick(machine.conductor.tick + 60)
    machine.encoder.let_go.set()
    machine.finish()
    _, pictures_s, sound_s = machine.times()
    assert abs(sound_s - pictures_s) < 0.05


def test_pictures_that_come_after_a_gap_stand_where_they_belong(machine: _Machine) -> None:
    machine.start()
    machine.hold_up()
    machine.encoder.let_go.set()
    machine.wait_for_tick(machine.conductor.tick + 120)
    machine.finish()

    times, pictures_s, _ = machine.times()
    steps = [later - one for one, later in itertools.pairwise(times)]
    assert times[0] == 0
    assert max(steps) > 1, "the encoder was held up for longer than the queue could bridge"
    assert abs(times[-1] + 1 / 30 - pictures_s) < 0.01
    assert all(abs(step * 30 - round(step * 30)) < 0.01 for step in steps)


def test_it_ends_by_itself_when_the_file_is_as_long_as_it_may_be(tmp_path: Path) -> None:
    machine = _Machine(tmp_path, {"max_duration_ms": 1500})
    machine.encoder.let_go.set()
    machine.start()
    assert machine.limit.wait(_PATIENCE_S)
    machine.finish()

    _, pictures_s, sound_s = machine.times()
    assert machine.conductor.duration_ms == 1500
    assert abs(pictures_s - 1.5) < 0.01
    assert abs(sound_s - 1.5) < 0.05


def test_a_limit_that_was_reached_before_is_one(tmp_path: Path) -> None:
    machine = _Machine(tmp_path, {"max_duration_ms": 1})
    machine.encoder.let_go.set()
    machine.start()
    assert machine.limit.wait(_PATIENCE_S)
    machine.finish()
    assert machine.conductor.tick == 1


def test_for_images_alone_nothing_is_composed_between_them(tmp_path: Path) -> None:
    outputs = Outputs(
        file="none", images=(ImagesOutput("one", interval_s=1), ImagesOutput("two", interval_s=2))
    )
    machine = _Machine(tmp_path, {"outputs": outputs})
    machine.writer = Writer(
        open_files(machine.job, Ledger(tmp_path)), lambda: machine.faults.append("writer")
    )
    machine.conductor._writer = machine.writer
    machine.start()
    machine.wait_for_tick(100)
    machine.finish()

    taken = [entry for entry in Ledger(tmp_path).read() if isinstance(entry, Image)]
    seconds = machine.conductor.duration_ms // 1000
    assert machine.writer.pictures <= seconds + 2, "one a second, and the last tick's"
    for output, interval_ms in enumerate((1000, 2000)):
        turns = [image.pts_ms // interval_ms for image in taken if image.output == output]
        assert turns[0] == 0
        assert len(turns) > 1
        assert turns == sorted(set(turns)), (
            "one an interval; a machine that stands still for one may leave it out"
        )


def test_for_images_alone_a_tick_that_is_late_does_not_show_the_picture_of_an_interval_ago(
    tmp_path: Path,
) -> None:
    outputs = Outputs(file="none", images=(ImagesOutput("one", interval_s=1),))
    machine = _Machine(tmp_path, {"outputs": outputs})
    conductor = machine.conductor
    now_ns = time.monotonic_ns()
    in_time, late = RecordingClock(now_ns + 60 * NS, 30), RecordingClock(now_ns - 60 * NS, 30)
    conductor._send_picture(in_time, FileTick(0, is_first=True))
    conductor._send_picture(late, FileTick(30, is_first=False))
    conductor._send_picture(in_time, FileTick(31, is_first=False))
    conductor._close_picture()
    assert [picture.tick for picture in machine.writer._queue.queue] == [0, 31]
    assert conductor.pressure.every == 1
