"""The file is as long as the time that was recorded, also when the disk or the encoder could not follow."""

import threading
import time
from pathlib import Path

import av

from rtcstack.egress.job import Encoding, RecordingJob
from rtcstack.egress.recorder.conductor import Conductor
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.writer import Writer

_HELD_S = 2.5


class _HeldEncoder(Encoder):
    """An encoder whose disk takes nothing until it is let go."""

    def __init__(self, file: Path, encoding: Encoding) -> None:
        super().__init__(file, encoding, has_audio=False)
        self.let_go = threading.Event()

    def write_picture(self, frame: av.VideoFrame, tick: int) -> None:
        assert self.let_go.wait(30)
        super().write_picture(frame, tick)


def test_what_is_overdue_at_the_end_is_made_up_for(tmp_path: Path) -> None:
    encoding = Encoding(320, 180, framerate=60)  # more ticks than fit into the queue
    job = RecordingJob("EG_1", "room", "", "", "", tmp_path, encoding=encoding, has_audio=False)
    encoder = _HeldEncoder(job.file, job.encoding)
    faults: list[str] = []
    writer = Writer(encoder, lambda: faults.append("writer"))
    conductor = Conductor(job, Stage(), writer, lambda _: None, lambda: faults.append("conductor"))
    writer.start()
    begun = time.monotonic()
    conductor.start()
    time.sleep(_HELD_S)
    finishing = threading.Thread(target=conductor.finish)
    finishing.start()
    recorded_s = time.monotonic() - begun
    encoder.let_go.set()
    finishing.join()
    writer.finish()
    assert faults == []
    assert abs(conductor.duration_ms / 1000 - recorded_s) < 0.2
    with av.open(str(job.file)) as made:
        assert sum(1 for _ in made.decode(video=0)) == conductor.tick
