"""The edge to LiveKit's native client: the only file that touches private parts of `livekit.rtc`.

The library's own streams keep an asyncio queue each and pass every native event through every stream's filter. Here
one subscriber takes all media events in the native thread (`livekit/rtc/_ffi_client.py`, `FfiQueue.subscribe`: the
filter runs there), and streams are made and dropped by plain requests.
"""

import asyncio
import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from livekit import rtc
from livekit.rtc._ffi_client import FfiClient, FfiHandle
from livekit.rtc._proto import audio_frame_pb2, ffi_pb2, video_frame_pb2

from rtcstack.egress.recorder.media import CHANNELS, RATE_HZ, Picture, Plane, Sound

SOUND_MS = 50
"""Length of one audio frame: 50 microphones cost 0.18 core at 50 ms and 0.68 at the library's 10 ms (spec/recorder.md)."""
_SOUND_QUEUE = 50
"""Native 10 ms frames that may wait; beyond that the library drops, and the fit notices."""
_RENDER_AHEAD_NS = 10_000_000
_EARLIEST_NS, _LATEST_NS = 20_000_000, 1_000_000_000
"""A picture that seems to be earlier or later than this carries no stamp, or one of another clock."""
_QUARTER_TURNS = {
    video_frame_pb2.VIDEO_ROTATION_0: 0,
    video_frame_pb2.VIDEO_ROTATION_90: 1,
    video_frame_pb2.VIDEO_ROTATION_180: 2,
    video_frame_pb2.VIDEO_ROTATION_270: 3,
}

Stream = FfiHandle
Event = ffi_pb2.FfiEvent


class Subscription:
    """Calls `tap` with every native event, in the native thread, until closed. `tap` must not raise."""

    def __init__(self, tap: Callable[[Event], None], loop: asyncio.AbstractEventLoop) -> None:
        def keep_nothing(event: Event) -> bool:
            tap(event)
            return False

        self._queue = FfiClient.instance.queue.subscribe(loop, keep_nothing)

    def close(self) -> None:
        FfiClient.instance.queue.unsubscribe(self._queue)


def open_video(track: rtc.Track) -> Stream:
    """Ask for I420 pictures of `track` with rows as long as they are wide."""
    request = ffi_pb2.FfiRequest()
    stream = request.new_video_stream
    stream.track_handle = track._ffi_handle.handle  # noqa: SLF001 the library offers no other way to name a track
    stream.type = video_frame_pb2.VideoStreamType.VIDEO_STREAM_NATIVE
    stream.format = video_frame_pb2.VideoBufferType.I420
    stream.normalize_stride = True
    return FfiHandle(FfiClient.instance.request(request).new_video_stream.stream.handle.id)


def open_audio(track: rtc.Track) -> Stream:
    """Ask for 50 ms stereo frames of `track` at 48 kHz."""
    request = ffi_pb2.FfiRequest()
    stream = request.new_audio_stream
    stream.track_handle = track._ffi_handle.handle  # noqa: SLF001 as above
    stream.type = audio_frame_pb2.AudioStreamType.AUDIO_STREAM_NATIVE
    stream.sample_rate = RATE_HZ
    stream.num_channels = CHANNELS
    stream.frame_size_ms = SOUND_MS
    stream.queue_size_frames = _SOUND_QUEUE
    return FfiHandle(FfiClient.instance.request(request).new_audio_stream.stream.handle.id)


def ask_for_size(publication: rtc.RemoteTrackPublication, width: int, height: int) -> None:
    """Tell LiveKit how large a picture is shown: of a simulcasted one it sends the smallest layer that suffices.

    The library offers only the choice between three qualities; which layers there really are, the server knows.
    """
    request = ffi_pb2.FfiRequest()
    wanted = request.update_remote_track_publication_dimension
    wanted.track_publication_handle = publication._ffi_handle.handle  # noqa: SLF001 as above
    wanted.width, wanted.height = width, height
    FfiClient.instance.request(request)


def _plane(address: int, width: int, height: int) -> Plane:
    memory = (ctypes.c_uint8 * (width * height)).from_address(address)
    rows: Plane = np.frombuffer(memoryview(memory), np.uint8).reshape(height, width)
    return rows


def instant_ns(stamp_us: int, arrived_ns: int) -> int:
    """Return a picture's time from its stamp, which keeps the sender's rhythm; from the arrival when the stamp says nothing.

    The stamp is when WebRTC wants the picture on the screen, on this machine's monotonic clock: it hands the picture
    over 10 ms before (`kVideoRenderDelay` in its `VideoRenderFrames`), or later when its threads or ours are late.
    """
    stamped_ns = stamp_us * 1000 - _RENDER_AHEAD_NS
    return stamped_ns if -_EARLIEST_NS < arrived_ns - stamped_ns < _LATEST_NS else arrived_ns


def take_picture(frame: Any, arrived_ns: int) -> Picture:
    """Wrap a `VideoFrameReceived` without copying: the native buffer lives as long as the picture."""
    info = frame.buffer.info
    chroma = ((info.width + 1) // 2, (info.height + 1) // 2)
    y, u, v = info.components[:3]
    return Picture(
        planes=(
            _plane(y.data_ptr, info.width, info.height),
            _plane(u.data_ptr, *chroma),
            _plane(v.data_ptr, *chroma),
        ),
        quarter_turns=_QUARTER_TURNS[frame.rotation],
        arrived_ns=arrived_ns,
        instant_ns=instant_ns(frame.timestamp_us, arrived_ns),
        owner=FfiHandle(frame.buffer.handle.id),
    )


def take_sound(frame: Any, arrived_ns: int) -> Sound:
    """Copy an `AudioFrameReceived` out and give the native buffer back."""
    owner, info = FfiHandle(frame.frame.handle.id), frame.frame.info
    data = ctypes.string_at(info.data_ptr, info.num_channels * info.samples_per_channel * 2)
    owner.dispose()
    return Sound(np.frombuffer(data, np.int16).reshape(-1, info.num_channels), arrived_ns)


def discard(event: Event) -> None:
    """Give back the native buffer of a media event that nobody waits for."""
    kind = event.WhichOneof("message")
    if kind == "video_stream_event" and event.video_stream_event.HasField("frame_received"):
        FfiHandle(event.video_stream_event.frame_received.buffer.handle.id).dispose()
    elif kind == "audio_stream_event" and event.audio_stream_event.HasField("frame_received"):
        FfiHandle(event.audio_stream_event.frame_received.frame.handle.id).dispose()
