"""The machine that makes one file: conductor, writer and durability, started and finished in the right order."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec

from rtcstack.egress.job import EndReason, Lacks, Progress, RecordingJob, Span, spans_path
from rtcstack.egress.ledger import Ledger
from rtcstack.egress.recorder import limits
from rtcstack.egress.recorder.conductor import Conductor
from rtcstack.egress.recorder.durability import Durability
from rtcstack.egress.recorder.files import open_files
from rtcstack.egress.recorder.footprint import Footprint
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.writer import Writer
from rtcstack.log import get

log = get(__name__)


class Take:
    """From `start` on frames are written. `on_started` and `on_fault` are called from other threads."""

    def __init__(
        self,
        job: RecordingJob,
        stage: Stage,
        on_started: Callable[[Span], None],
        on_fault: Callable[[EndReason], None],
    ) -> None:
        self._job, self._stage, self._on_started, self._on_fault = job, stage, on_started, on_fault
        self._ledger = Ledger(job.folder)
        self._encoder = encoder = open_files(job, self._ledger)
        self.writer = Writer(encoder, self._fail)
        self.conductor = Conductor(
            job, stage, self.writer, self._begin_span, self._fail, partial(on_fault, "limit_reached")
        )
        self._durability = Durability(
            job.file, partial(on_fault, "disk_full"), self._look_at_size, written=self._written
        )
        self._footprint = Footprint()
        self._noting = ThreadPoolExecutor(1, "spans")
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
        self._noting.shutdown()
        self._durability.stop()

    def pause(self) -> None:
        self.conductor.pauses.pause()

    def resume(self) -> None:
        self.conductor.pauses.resume(self._stage.scene.held_ns(time.monotonic_ns()))

    def progress(self, overflowed: int, lacks: Lacks | None = None) -> Progress:
        conductor = self.conductor
        return Progress(
            conductor.duration_ms,
            self.writer.pictures,
            conductor.late,
            overflowed,
            *self._footprint.look(),
            conductor.pressure.every,
            conductor.reduced,
            lacks,
        )

    def _written(self) -> Iterable[Path]:
        """Return what has been written to beside the file, and the list of it behind that."""
        return [*self._encoder.written(), self._ledger.path]

    def _look_at_size(self, size_bytes: int) -> None:
        if self._job.outputs.file == "none":
            size_bytes = self._ledger.added_bytes
        if limits.is_reached(self._job, size_bytes, self.conductor.duration_ms):
            self._on_fault("limit_reached")

    def _begin_span(self, span: Span) -> None:
        if self.spans:
            span = msgspec.structs.replace(span, after="pause")
        self.spans = (*self.spans, span)
        self._noting.submit(self._note, self.spans)  # the conductor must not wait for the disk

    def _note(self, spans: tuple[Span, ...]) -> None:
        """Write them beside the file, so that a killed recorder's file can still be told from when it is."""
        try:
            _write_whole(spans_path(self._job.file), msgspec.json.encode(spans))
        except OSError as e:
            log.warning("spans_failed", error=str(e))
        if len(spans) == 1:
            self._on_started(spans[0])

    def _fail(self) -> None:
        self._on_fault("disk_full" if self.writer.is_disk_full else "error")


def _write_whole(path: Path, content: bytes) -> None:
    """Put the file there so that also after a power cut it is this one or the one before."""
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
