"""The thread that keeps time: at every tick one frame, and every block of sound as soon as it is complete."""

import threading
import time
from collections.abc import Callable

import av

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.clock import NS, RecordingClock, sleep_until
from rtcstack.egress.recorder.compositor import Compositor
from rtcstack.egress.recorder.media import MIX_DELAY_NS, PICTURE_DELAY_NS, RATE_HZ
from rtcstack.egress.recorder.mixer import BLOCK, Mixer
from rtcstack.egress.recorder.stage import Stage
from rtcstack.egress.recorder.writer import Writer
from rtcstack.log import get

log = get(__name__)


class Conductor:
    """Runs from the first tick until `finish`; the file's time runs with the monotonic clock, tick by tick."""

    def __init__(
        self,
        job: RecordingJob,
        stage: Stage,
        writer: Writer,
        on_started: Callable[[int], None],
        on_fault: Callable[[], None],
    ) -> None:
        self._job, self._stage, self._writer = job, stage, writer
        self._on_started, self._on_fault = on_started, on_fault
        self._compositor = Compositor(job.encoding.width, job.encoding.height, job.overlay)
        framerate = job.encoding.framerate
        self._clock = RecordingClock(time.monotonic_ns(), framerate)
        # A frame shows the pictures of its middle, so that they are neither early nor late on average.
        self._to_picture_ns = NS // framerate // 2 - PICTURE_DELAY_NS
        self._mixer = Mixer(self._clock, bias_ns=PICTURE_DELAY_NS)
        self._stop = threading.Event()
        self._ends_ns = 0
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self._frame: av.VideoFrame | None = None
        self.tick = 0
        """The next tick: so many have been sent."""
        self.late = 0

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Stop ticking, mix the sound up to the last picture, and return when everything is queued.

        Ticks that are overdue by then are made up for: the file is as long as the time that was recorded.
        """
        self._ends_ns = time.monotonic_ns()
        self._stop.set()
        self._thread.join()

    @property
    def duration_ms(self) -> int:
        return self.tick * 1000 // self._job.encoding.framerate

    def figures(self) -> dict[str, int | None]:
        """What a log line about a finished recording should say."""
        seen_ns = self._compositor.first_picture_ns
        return {
            "ticks": self.tick,
            "late": self.late,
            "composed": self._compositor.composed,
            "resyncs": self._mixer.resyncs,
            "first_picture_ms": None if seen_ns is None else (seen_ns - self._clock.start_ns) // 1_000_000,
        }

    def _run(self) -> None:
        try:
            self._keep_time(self._clock, self._mixer)
        except Exception:
            log.exception("conductor_failed")
            self._on_fault()

    def _keep_time(self, clock: RecordingClock, mixer: Mixer) -> None:
        self._on_started(time.time_ns() - (time.monotonic_ns() - clock.start_ns))
        while not self._stop.is_set() or clock.deadline_ns(self.tick) < self._ends_ns:
            sleep_until(clock.deadline_ns(self.tick))
            self._send_picture(clock)
            self._send_sound(mixer, time.monotonic_ns() - MIX_DELAY_NS - clock.start_ns)
            self.tick += 1
        sleep_until(clock.deadline_ns(self.tick) + MIX_DELAY_NS)
        self._send_sound(mixer, self.tick * NS // self._job.encoding.framerate)

    def _send_picture(self, clock: RecordingClock) -> None:
        if self._frame is not None and clock.is_late(self.tick, time.monotonic_ns()):
            self.late += 1
        elif self._job.has_video:
            instant_ns = clock.deadline_ns(self.tick) + self._to_picture_ns
            self._frame = self._compositor.compose(self._stage.scene, instant_ns)
        if self._frame is not None:
            self._writer.put_picture(self._frame, self.tick)

    def _send_sound(self, mixer: Mixer, until_ns: int) -> None:
        if not self._job.has_audio:
            return
        mixer.collect(self._stage.scene.sounds, time.monotonic_ns())
        while (mixer.blocks + 1) * BLOCK * NS <= until_ns * RATE_HZ:
            position = mixer.blocks * BLOCK
            self._writer.put_sound(mixer.mix(), position)
