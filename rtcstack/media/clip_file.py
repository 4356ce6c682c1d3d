"""The clip that is being written: an MP4 with its index first, so that it plays before it is there as a whole."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType

from rtcstack.egress.recorder.encoder import AAC
from rtcstack.media.piece import base_of, frame_s
from rtcstack.media.trim import Samples

_MP4: Final = {"movflags": "faststart", "use_editlist": "1"}
_X264: Final = {"preset": "veryfast", "crf": "23"}
_KEYFRAME_EVERY_S: Final = 4
_AAC_RATES_HZ: Final = frozenset(
    {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}
)
_MONO_BPS, _STEREO_BPS = 64_000, 128_000


def open_clip(out: Path) -> OutputContainer:
    return av.open(str(out), "w", format="mp4", options=dict(_MP4))


class PictureEncoder:
    """Encodes pictures of `source` into the clip, with the recorder's quality and everything it does without."""

    def __init__(self, clip: OutputContainer, source: av.VideoStream) -> None:
        self._clip = clip
        self._base = base_of(source)
        self._duration = round(frame_s(source) / self._base)
        like = source.codec_context
        self._stream = clip.add_stream("libx264", rate=1 / frame_s(source), options=dict(_X264))
        context = self._stream.codec_context
        # x264 wants even sides for 4:2:0.
        context.width, context.height = like.width & ~1, like.height & ~1
        context.pix_fmt, context.time_base = "yuv420p", self._base
        context.gop_size = round(_KEYFRAME_EVERY_S / frame_s(source))
        context.color_range, context.colorspace = like.color_range, like.colorspace
        context.color_primaries, context.color_trc = like.color_primaries, like.color_trc
        if like.sample_aspect_ratio:
            context.sample_aspect_ratio = like.sample_aspect_ratio
        # By default PyAV has x264 cut each picture into slices, which are encoded while the caller waits.
        context.thread_count, context.thread_type = 0, "FRAME"

    def write(self, at_s: Fraction, frame: av.VideoFrame) -> None:
        context = self._stream.codec_context
        frame = frame.reformat(context.width, context.height, "yuv420p")  # itself, where it is so already
        frame.pts, frame.time_base, frame.duration = round(at_s / self._base), self._base, self._duration
        frame.pict_type = PictureType.NONE  # the source's keyframes are not ours
        self._clip.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._clip.mux(self._stream.encode(None))


class SoundEncoder:
    """Encodes samples into the clip."""

    def __init__(self, clip: OutputContainer, source: av.AudioStream) -> None:
        self._clip = clip
        self.rate_hz = source.rate
        """Of the samples that are written; the encoder has another where AAC does not know this one."""
        self._layout = "mono" if source.channels == 1 else "stereo"
        rate_hz = source.rate if source.rate in _AAC_RATES_HZ else 48_000
        self._stream = clip.add_stream("aac", rate=rate_hz, options=dict(AAC))
        self._stream.codec_context.layout = self._layout
        self._stream.codec_context.bit_rate = _MONO_BPS if source.channels == 1 else _STEREO_BPS
        self._converter = av.AudioResampler(format="fltp", layout=self._layout, rate=source.rate)
        self._position = 0

    def samples(self, frame: av.AudioFrame) -> Iterable[Samples]:
        """Return the frame's samples as they are written."""
        frame.pts = None
        return (
            np.asarray(converted.to_ndarray(), np.float32) for converted in self._converter.resample(frame)
        )

    def write(self, blocks: Iterable[Samples]) -> None:
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block), format="fltp", layout=self._layout
            )
            frame.sample_rate, frame.pts = self.rate_hz, self._position
            frame.time_base = Fraction(1, self.rate_hz)
            self._position += block.shape[1]
            self._clip.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._clip.mux(self._stream.encode(None))
