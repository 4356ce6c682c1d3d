"""One subscriber for all media: stamps what arrives in the native thread and hands it to its inlet."""

import asyncio
import time
from typing import Any

from livekit import rtc

from rtcstack.egress.recorder import native
from rtcstack.egress.recorder.arrivals import Arrivals
from rtcstack.egress.recorder.media import AudioInlet, VideoInlet
from rtcstack.log import get

log = get(__name__)


class Hub:
    """Opens and closes native streams and feeds their inlets. Only `_on_event` runs in the native thread.

    One a process: each is told of every stream, and gives back the memory of pictures that are for none of its inlets.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._inlets: dict[int, VideoInlet | AudioInlet] = {}
        self._streams: dict[VideoInlet | AudioInlet, native.Stream] = {}
        self._closed_overflowed = 0
        self.faults = 0
        self.pictures, self.sounds = Arrivals(), Arrivals()
        """Of anybody. Sound is noted by whoever sees its packets: silence is delivered as well when none come."""
        self._subscription = native.Subscription(self._on_event, loop)

    @property
    def overflowed(self) -> int:
        """Media frames dropped because an inlet was full, or that could not be read."""
        live = sum(i.overflowed for i in list(self._streams) if isinstance(i, AudioInlet))
        return live + self._closed_overflowed + self.faults

    def open_video(self, track: rtc.Track) -> VideoInlet:
        inlet = VideoInlet()
        self._register(native.open_video(track), inlet)
        return inlet

    def open_audio(self, track: rtc.Track, *, is_mixed: bool) -> AudioInlet:
        inlet = AudioInlet(is_mixed=is_mixed)
        self._register(native.open_audio(track), inlet)
        return inlet

    def _register(self, stream: native.Stream, inlet: VideoInlet | AudioInlet) -> None:
        self._inlets[stream.handle] = inlet
        self._streams[inlet] = stream

    @property
    def awaited(self) -> tuple[Arrivals, ...]:
        """Of what has come and goes on coming as long as there is a connection."""
        inlets = list(self._streams)
        has_pictures = any(isinstance(inlet, VideoInlet) and inlet.has_any for inlet in inlets)
        has_sounds = self.sounds.last_ns > 0 and any(isinstance(inlet, AudioInlet) for inlet in inlets)
        return (self.pictures,) * has_pictures + (self.sounds,) * has_sounds

    def close(self, inlet: VideoInlet | AudioInlet) -> None:
        """Drop the native stream of `inlet`; what is still under way for it is thrown away."""
        stream = self._streams.pop(inlet)
        del self._inlets[stream.handle]
        stream.dispose()
        if isinstance(inlet, AudioInlet):
            self._closed_overflowed += inlet.overflowed
        elif inlet.ignored:
            log.warning("absurd_pictures_ignored", pictures=inlet.ignored)

    def close_all(self) -> None:
        for inlet in list(self._streams):
            self.close(inlet)
        self._subscription.close()

    def _on_event(self, event: native.Event) -> None:
        arrived_ns = time.monotonic_ns()
        try:
            self._dispatch(event, arrived_ns)
        except Exception:
            # An exception would make the library queue the event on the loop, unbounded.
            self.faults += 1
            log.exception("media_event_failed")

    def _dispatch(self, event: native.Event, arrived_ns: int) -> None:
        match event.WhichOneof("message"):
            case "video_stream_event":
                media: Any = event.video_stream_event
            case "audio_stream_event":
                media = event.audio_stream_event
            case _:
                return
        if not media.HasField("frame_received"):
            return
        match self._inlets.get(media.stream_handle):
            case VideoInlet() as video:
                self.pictures.note(arrived_ns)
                video.offer(native.take_picture(media.frame_received, arrived_ns))
            case AudioInlet() as audio:
                audio.offer(native.take_sound(media.frame_received, arrived_ns))
            case None:
                native.discard(event)
