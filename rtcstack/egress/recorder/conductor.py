"""The thread that keeps time: at every tick one frame, and every block of sound as soon as it is complete."""

import math
import threading
import time
from collections.abc import Callable, Iterable

import av

from rtcstack.egress.job import RecordingJob, Reduced, Span
from rtcstack.egress.recorder.cadence import Cadence
from rtcstack.egress.recorder.clock import NS, RecordingClock
from rtcstack.egress.recorder.compositor import Compositor
from rtcstack.egress.recorder.media import MIX_DELAY_NS, PICTURE_DELAY_NS, RATE_HZ, Samples
from rtcstack.egress.recorder.mixer import Mixer
from rtcstack.egress.recorder.pauses import FileTick, Pauses
from rtcstack.egress.recorder.pressure import Pressure
from rtcstack.egress.recorder.splice import Splice
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.writer import Writer
from rtcstack.log import get

log = get(__name__)

_OVERDUE_NS = NS // 4
_LOOK_S = 0.005
_WORTH_TELLING_MS = 500


class Conductor:
    """Runs from the first tick until `finish`; the file's time runs with the monotonic clock, tick by tick.

    A tick that is late repeats the last picture. While ticks are overdue by more than a moment, or the writer has enough
    to do, they get no picture at all: the one before stands for as long, which looks the same and costs nothing. So
    however busy the machine is, the file's time is the room's, and there is never much left to do at the end.
    """

    def __init__(
        self,
        job: RecordingJob,
        stage: Stage,
        writer: Writer,
        on_span: Callable[[Span], None],
        on_fault: Callable[[], None],
        on_limit: Callable[[], None] = lambda: None,
    ) -> None:
        self._job, self._stage, self._writer = job, stage, writer
        self._on_span, self._on_fault, self._on_limit = on_span, on_fault, on_limit
        self._compositor = Compositor(job.encoding.width, job.encoding.height, job.overlay)
        framerate = job.encoding.framerate
        limit_ms = job.max_duration_ms
        self._most_ticks = max(1, limit_ms * framerate // 1000) if limit_ms else math.inf
        self._clock = RecordingClock(time.monotonic_ns(), framerate)
        # A frame shows the pictures of its middle, so that they are neither early nor late on average.
        self._to_picture_ns = NS // framerate // 2 - PICTURE_DELAY_NS
        self._mixer = Mixer(self._clock, bias_ns=PICTURE_DELAY_NS)
        self.pauses = Pauses(self._clock, is_paused=job.is_paused)
        self._splice = Splice(self.pauses)
        self._stop = threading.Event()
        self._ends_ns = 0
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self._frame: av.VideoFrame | None = None
        self._file_tick: FileTick | None = None
        self._sent_tick = -1
        self._is_behind = False
        self._missed_sound_ms = self._missed_elsewhere_ms = 0
        self._cadence = Cadence(job.outputs, framerate)
        self.pressure = Pressure(framerate)
        self.tick = 0
        """The next tick of the room's time; in the file are those outside of pauses."""
        self.late = 0
        """Ticks that were to get a new picture and did not, for want of time."""

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Stop ticking, mix the sound up to the last picture, and return when everything is queued.

        The file is as long as the time that was recorded, also when ticks are overdue by then.
        """
        self._ends_ns = time.monotonic_ns()
        self._stop.set()
        self._thread.join()

    @property
    def duration_ms(self) -> int:
        return self.pauses.kept(self.tick) * 1000 // self._job.encoding.framerate

    @property
    def reduced(self) -> Reduced | None:
        """What of the file has fewer pictures; None if nothing has."""
        pressure, framerate = self.pressure, self._job.encoding.framerate
        if not pressure.reduced_ticks:
            return None
        return Reduced(pressure.reduced_ticks * 1000 // framerate, framerate // pressure.most)

    @property
    def missed_sound_ms(self) -> int:
        """How much of somebody's sound was not taken in; of whoever lacks most."""
        missed_ms = self._missed_sound_ms
        return missed_ms if missed_ms >= _WORTH_TELLING_MS else 0

    def figures(self) -> dict[str, int | None]:
        """What a log line about a finished recording should say."""
        seen_ns = self._compositor.first_picture_ns
        return {
            "ticks": self.tick,
            "late": self.late,
            "composed": self._compositor.composed,
            "resyncs": self._mixer.resyncs,
            "missed_sound_ms": self._missed_sound_ms,
            "late_sound_ms": self._mixer.late * 1000 // RATE_HZ,
            "first_picture_ms": None if seen_ns is None else (seen_ns - self._clock.start_ns) // 1_000_000,
        }

    def _run(self) -> None:
        try:
            self._keep_time(self._clock, self._mixer)
        except Exception:
            log.exception("conductor_failed")
            self._on_fault()

    def _keep_time(self, clock: RecordingClock, mixer: Mixer) -> None:
        while not self._is_over(clock):
            if self._is_stopped_before(clock.deadline_ns(self.tick)):
                continue
            if (file_tick := self.pauses.place(self.tick)) is not None:
                self._fill(clock, file_tick)
                self._count_missed(mixer)
            else:
                self._missed_elsewhere_ms = mixer.missed_ms - self._missed_sound_ms
                self._is_behind = False  # a pause gives time to keep up with the sound
            if not self._is_behind and not self._is_overdue(clock):
                begun_ns = self.tick * NS // clock.framerate
                self._send_sound(mixer, min(time.monotonic_ns() - MIX_DELAY_NS - clock.start_ns, begun_ns))
            self.tick += 1
        self._close_picture()
        if self._job.has_audio:
            end_ns = self.tick * NS // clock.framerate
            self._put_sound(mixer.catch_up(end_ns))
            self._await_last_sound(clock, mixer)
            self._send_sound(mixer, end_ns)

    def _is_overdue(self, clock: RecordingClock) -> bool:
        return time.monotonic_ns() > clock.deadline_ns(self.tick) + _OVERDUE_NS

    def _await_last_sound(self, clock: RecordingClock, mixer: Mixer) -> None:
        """Take in what was sent until the end: some tens of milliseconds, since WebRTC and the frames of sound hold it back."""
        position = self.tick * RATE_HZ // clock.framerate
        while True:
            now_ns = time.monotonic_ns()
            mixer.collect(self._stage.scene.sounds, now_ns, is_end=True)
            until_ns = mixer.lacks_until(position, now_ns)
            if until_ns is None or now_ns >= min(until_ns, clock.deadline_ns(self.tick) + MIX_DELAY_NS):
                return
            time.sleep(_LOOK_S)

    def _is_over(self, clock: RecordingClock) -> bool:
        if self.pauses.kept(self.tick) >= self._most_ticks:
            self._on_limit()
            return True
        return self._stop.is_set() and clock.deadline_ns(self.tick) >= self._ends_ns

    def _is_stopped_before(self, deadline_ns: int) -> bool:
        """Sleep until the deadline, or until the end comes before it."""
        remaining_ns = deadline_ns - time.monotonic_ns()
        return remaining_ns > 0 and self._stop.wait(remaining_ns / NS)

    def _begin_span(self, clock: RecordingClock, file_tick: FileTick) -> None:
        """Say when it is, and show what is to be seen now without what was seen before."""
        since_ns = time.monotonic_ns() - clock.deadline_ns(self.tick)
        self._on_span(Span(time.time_ns() - since_ns, file_tick.tick * 1000 // clock.framerate))
        self._compositor.restart()
        self._frame = None

    def _fill(self, clock: RecordingClock, file_tick: FileTick) -> None:
        """Give the tick its picture, if it is to get one."""
        self._file_tick = file_tick
        if file_tick.is_first:
            self._begin_span(clock, file_tick)
        if self._job.has_video and (file_tick.is_first or self._is_due(file_tick)):
            self._send_picture(clock, file_tick)

    def _is_due(self, file_tick: FileTick) -> bool:
        return self.pressure.is_due(file_tick.tick) and self._cadence.is_due(file_tick.tick, self._sent_tick)

    def _send_picture(self, clock: RecordingClock, file_tick: FileTick) -> None:
        now_ns = time.monotonic_ns()
        is_late = clock.is_late(self.tick, now_ns)
        if is_late and self._cadence.is_sparse and self._frame is not None:
            return  # the last picture is an interval old; the next tick that is in time gets a new one
        was_behind = self._is_behind
        self._is_behind = is_late and (self._is_behind or now_ns > clock.deadline_ns(self.tick) + _OVERDUE_NS)
        is_lost = self._frame is not None and (self._is_behind or self._writer.is_behind)
        self.late += is_late or is_lost
        self.pressure.note(file_tick.tick, is_late=is_late or is_lost, goes_on=was_behind and self._is_behind)
        if is_lost:
            return
        if self._frame is None or not is_late:
            instant_ns = clock.deadline_ns(self.tick) + self._to_picture_ns
            if self._cadence.is_sparse:
                self._compositor.restart()
            self._frame = self._compositor.compose(self._stage.scene, instant_ns)
        self._put(self._frame, file_tick)

    def _close_picture(self) -> None:
        """Have the picture track end with the last tick, also when that got no picture of its own."""
        if self._cadence.is_sparse:
            return
        if self._frame is not None and self._file_tick is not None and self._file_tick.tick > self._sent_tick:
            self._put(self._frame, self._file_tick)

    def _put(self, frame: av.VideoFrame, file_tick: FileTick) -> None:
        self._writer.put_picture(frame, file_tick.tick, is_key=file_tick.is_first)
        self._sent_tick = file_tick.tick

    def _count_missed(self, mixer: Mixer) -> None:
        """What is not taken in during a pause is missing nowhere."""
        self._missed_sound_ms = max(0, mixer.missed_ms - self._missed_elsewhere_ms)

    def _send_sound(self, mixer: Mixer, until_ns: int) -> None:
        if self._job.has_audio:
            self._put_sound(mixer.mix_until(until_ns, self._stage.scene.sounds, time.monotonic_ns()))

    def _put_sound(self, mixed: Iterable[tuple[Samples, int]]) -> None:
        for samples, position in mixed:
            for block, at in self._splice.feed(samples, position):
                self._writer.put_sound(block, at)
