"""H.264, and AAC or Opus, encoded once for all the files of a recording (`muxers.py`, `segments.py`, `images.py`)."""

import contextlib
import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.images import Images
from rtcstack.egress.recorder.media import RATE_HZ, Samples
from rtcstack.egress.recorder.muxers import Mp4, Muxer, Packet, Source
from rtcstack.egress.recorder.pictures import Pictures
from rtcstack.egress.recorder.segments import Segments

# No more than one frame may wait inside the encoder: what waits there is lost in a kill. That costs the look-ahead and B frames.
_NONE_WAITS = "bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:scenecut=0"
# Motion is found to the quarter of a pixel by plain differences (SAD): a third less time, no worse for its bits (docs/benchmarks.md).
_SEARCH = "subme=1"
X264 = {"preset": "veryfast", "x264-params": f"{_NONE_WAITS}:{_SEARCH}"}

# Noise shaping and substitution cost a third of the encoder's time and gain nothing at this rate (measured, 27 dB SNR).
AAC = {"aac_tns": "0", "aac_pns": "0"}


OPUS = {"application": "audio", "vbr": "on"}


class Encoder:
    """Owns the open files. Everything here is called from the writer's thread. Raises OSError when the disk fails."""

    def __init__(
        self, file: Path | None, encoding: Encoding, *, has_video: bool = True, has_audio: bool = True
    ) -> None:
        """Without a file nothing is written until a muxer is added."""
        # libav ties its encoders to a container: this one belongs to them, and nothing is written to it.
        self._container: OutputContainer = av.open(os.devnull, "w", format="null")
        self._video = self._add_video(encoding) if has_video else None
        self._audio = self._add_audio(encoding) if has_audio else None
        self._container.start_encoding()
        self._pictures = Pictures(self._video) if self._video is not None else None
        self._muxers: list[Muxer] = [Mp4(file, self.sources)] if file else []
        self._images: Images | None = None
        self._grid = 0
        self._cell = -1
        self._wants_keyframe = False
        self._keyframe_every = round(encoding.keyframe_interval_s * encoding.framerate)
        self._keyframe_tick = 0

    def _add_video(self, encoding: Encoding) -> av.VideoStream:
        keyframe_every = round(encoding.keyframe_interval_s * encoding.framerate)
        limits = {"maxrate": str(encoding.video_bitrate_bps), "bufsize": str(2 * encoding.video_bitrate_bps)}
        options = {**X264, "crf": str(encoding.crf), **limits}
        stream = self._container.add_stream("libx264", rate=encoding.framerate, options=options)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = encoding.width, encoding.height, "yuv420p"
        context.time_base = Fraction(1, encoding.framerate)
        context.gop_size = keyframe_every
        context.thread_count = 1
        # Pictures of a room come from libyuv's conversions: BT.601, video range. Players guess BT.709 for this size.
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.SMPTE170M
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        context.flags |= Flags.global_header
        return stream

    def _add_audio(self, encoding: Encoding) -> av.AudioStream:
        is_aac = encoding.audio_codec == "aac"
        codec, options, form = ("aac", AAC, "fltp") if is_aac else ("libopus", OPUS, "flt")
        stream = self._container.add_stream(codec, rate=RATE_HZ, options=options)
        assert isinstance(stream, av.AudioStream)
        context = stream.codec_context
        context.layout, context.format = "stereo", form
        context.flags |= Flags.global_header
        context.bit_rate = encoding.audio_bitrate_bps
        context.time_base = Fraction(1, RATE_HZ)
        return stream

    @property
    def sources(self) -> tuple[Source, ...]:
        """The streams, pictures first."""
        return tuple(stream for stream in (self._video, self._audio) if stream is not None)

    def add_segments(self, segments: Segments, every_ticks: int) -> None:
        """Write segments as well, and begin each of so many ticks with a keyframe."""
        self._muxers.append(segments)
        self._grid = every_ticks

    def add_images(self, images: Images) -> None:
        self._images = images

    def written(self) -> Iterable[Path]:
        """Return the files that have been written to since the last call."""
        files = [file for muxer in self._muxers for file in muxer.written()]
        return [*files, *self._images.written()] if self._images is not None else files

    def want_keyframe(self) -> None:
        """Have the next picture encoded without reference to those before."""
        self._wants_keyframe = True

    def write_picture(self, frame: av.VideoFrame, tick: int) -> None:
        assert self._video is not None
        assert self._pictures is not None
        # x264 counts pictures; where some are left out, the next keyframe comes by the time all the same.
        is_key = self._enters_cell(tick) or self._wants_keyframe or tick >= self._keyframe_tick
        if is_key:
            self._keyframe_tick = tick + self._keyframe_every
        self._wants_keyframe = False
        if self._muxers:  # images alone need no encoder
            self._mux(self._pictures.write(frame, tick, is_key=is_key), self._video)
        if self._images is not None:
            self._images.look(frame, tick)

    def write_sound(self, block: Samples, position: int) -> None:
        assert self._audio is not None
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, position, Fraction(1, RATE_HZ)
        self._mux(self._audio.encode(frame), self._audio)

    def close(self) -> None:
        """Flush both encoders and turn each file into an ordinary one."""
        with contextlib.ExitStack() as closing:
            closing.callback(self._container.close)
            for muxer in self._muxers:
                closing.callback(muxer.close)
            if self._muxers and self._video is not None and self._pictures is not None:
                self._mux(self._pictures.close(), self._video)
            if self._muxers and self._audio is not None:
                self._mux(self._audio.encode(None), self._audio)

    def _enters_cell(self, tick: int) -> bool:
        """Whether a new cell of the segments' grid begins with this tick or has begun before it."""
        if not self._grid or tick // self._grid == self._cell:
            return False
        self._cell = tick // self._grid
        return True

    def _mux(self, packets: Iterable[Packet], source: Source) -> None:
        for packet in packets:
            for muxer in self._muxers:
                muxer.write(packet, source)
