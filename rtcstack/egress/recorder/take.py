"""The machine that makes one file: conductor, writer and durability, started and finished in the right order."""

from collections.abc import Callable
from functools import partial

import msgspec

from rtcstack.egress.job import EndReason, Progress, RecordingJob, Span, spans_path
from rtcstack.egress.recorder import limits
from rtcstack.egress.recorder.conductor import Conductor
from rtcstack.egress.recorder.durability import Durability
from rtcstack.egress.recorder.files import open_files
from rtcstack.egress.recorder.footprint import Footprint
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
        encoder = open_files(job)
        self.writer = Writer(encoder, self._fail)
        self.conductor = Conductor(
            job, stage, self.writer, self._begin_span, self._fail, partial(on_fault, "limit_reached")
        )
        self._durability = Durability(
            job.file, partial(on_fault, "disk_full"), self._look_at_size, written=encoder.written
        )
        self._footprint = Footprint()
        self.spans: tuple[Span, ...] = ()

    def start(self) -> None:
        self.writer.start()
        self.conductor.start()
        self._durability.start()

    def finish(self) -> None:
        """Write what is under way and close the file; blocks until it lies on the disk."""
        self.writer.hurry()
        self.conductor.finish()
        self.writer.finish()
        self._durability.stop()

    def pause(self) -> None:
        self.conductor.pauses.pause()

    def resume(self) -> None:
        self.conductor.pauses.resume()

    def progress(self, overflowed: int) -> Progress:
        conductor = self.conductor
        return Progress(
            conductor.duration_ms,
            self.writer.pictures,
            conductor.late,
            overflowed,
            *self._footprint.look(),
            conductor.pressure.every,
            conductor.reduced,
        )

    def _look_at_size(self, size_bytes: int) -> None:
        if limits.is_reached(self._job, size_bytes, self.conductor.duration_ms):
            self._on_fault("limit_reached")

    def _begin_span(self, span: Span) -> None:
        if self.spans:
            span = msgspec.structs.replace(span, after="pause")
        self.spans = (*self.spans, span)
        # Beside the file, so that a killed recorder's file can still be told from when it is.
        path = spans_path(self._job.file)
        draft = path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(self.spans))
        draft.replace(path)
        if len(self.spans) == 1:
            self._on_started(span)

    def _fail(self) -> None:
        self._on_fault("disk_full" if self.writer.is_disk_full else "error")
