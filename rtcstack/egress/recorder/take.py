"""The machine that makes one file: conductor, writer and durability, started and finished in the right order."""

from collections.abc import Callable

import msgspec

from rtcstack.egress.job import EndReason, Progress, RecordingJob, Span, spans_path
from rtcstack.egress.recorder.conductor import Conductor
from rtcstack.egress.recorder.durability import Durability
from rtcstack.egress.recorder.encoder import Encoder
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.writer import Writer


class Take:
    """From `start` on frames are written. `on_started` and `on_fault` are called from other threads."""

    def __init__(
        self,
        job: RecordingJob,
        stage: Stage,
        on_started: Callable[[Span], None],
        on_fault: Callable[[EndReason], None],
    ) -> None:
        self._job, self._on_started, self._on_fault = job, on_started, on_fault
        encoder = Encoder(job.file, job.encoding, has_video=job.has_video, has_audio=job.has_audio)
        self.writer = Writer(encoder, self._fail)
        self.conductor = Conductor(job, stage, self.writer, self._begin, self._fail)
        self._durability = Durability(job.file, lambda: on_fault("disk_full"))
        self.spans: tuple[Span, ...] = ()

    def start(self) -> None:
        self.writer.start()
        self.conductor.start()
        self._durability.start()

    def finish(self) -> None:
        """Write what is under way and close the file; blocks until it lies on the disk."""
        self.conductor.finish()
        self.writer.finish()
        self._durability.stop()

    def progress(self, overflowed: int) -> Progress:
        conductor = self.conductor
        return Progress(conductor.duration_ms, self.writer.pictures, conductor.late, overflowed)

    def _begin(self, wall_ns: int) -> None:
        self.spans = (Span(wall_ns, 0),)
        # Beside the file, so that a killed recorder's file can still be told from when it is.
        spans_path(self._job.file).write_bytes(msgspec.json.encode(self.spans))
        self._on_started(self.spans[0])

    def _fail(self) -> None:
        self._on_fault("disk_full" if self.writer.is_disk_full else "error")
