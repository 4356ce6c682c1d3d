"""H.264 and AAC into an MP4 that is playable at every instant.

`hybrid_fragmented` writes fragments while recording, so that a killed recorder loses half a second at most, and on
close turns the whole into an ordinary MP4 by adding one index and changing eight bytes near the head.
"""

from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.media import RATE_HZ, Samples

_MP4 = {
    # The index at the head holds no samples (delay_moov): libav drops those of a killed file's head but the first.
    "movflags": "hybrid_fragmented+delay_moov",
    "frag_duration": "500000",
    "flush_packets": "1",
    "use_editlist": "1",
    # Sound is mixed 0.3 s after its time; pictures are not to wait for it in memory.
    "max_interleave_delta": "50000",
}
# No frame may wait inside the encoder: what waits there is lost in a kill. That costs the look-ahead and B frames.
X264 = {
    "preset": "veryfast",
    "crf": "23",
    "x264-params": "bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:scenecut=0",
}

# Noise shaping and substitution cost a third of the encoder's time and gain nothing at this rate (measured, 27 dB SNR).
AAC = {"aac_tns": "0", "aac_pns": "0"}


class Encoder:
    """Owns the open file. Everything here is called from the writer's thread. Raises OSError when the disk fails."""

    def __init__(
        self, file: Path, encoding: Encoding, *, has_video: bool = True, has_audio: bool = True
    ) -> None:
        self._container: OutputContainer = av.open(str(file), "w", format="mp4", options=_MP4)
        self._video = self._add_video(encoding) if has_video else None
        self._audio = self._add_audio(encoding) if has_audio else None
        self._container.start_encoding()

    def _add_video(self, encoding: Encoding) -> av.VideoStream:
        keyframe_every = round(encoding.keyframe_interval_s * encoding.framerate)
        limits = {"maxrate": str(encoding.video_bitrate_bps), "bufsize": str(2 * encoding.video_bitrate_bps)}
        stream = self._container.add_stream("libx264", rate=encoding.framerate, options=X264 | limits)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = encoding.width, encoding.height, "yuv420p"
        context.time_base = Fraction(1, encoding.framerate)
        context.gop_size = keyframe_every
        context.thread_count = 1
        # Pictures of a room come from libyuv's conversions: BT.601, video range. Players guess BT.709 for this size.
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.SMPTE170M
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return stream

    def _add_audio(self, encoding: Encoding) -> av.AudioStream:
        stream = self._container.add_stream("aac", rate=RATE_HZ, options=AAC)
        context = stream.codec_context
        context.layout, context.format = "stereo", "fltp"
        context.bit_rate = encoding.audio_bitrate_bps
        context.time_base = Fraction(1, RATE_HZ)
        return stream

    def write_picture(self, frame: av.VideoFrame, tick: int) -> None:
        assert self._video is not None
        frame.pts, frame.time_base = tick, self._video.codec_context.time_base
        self._container.mux(self._video.encode(frame))

    def write_sound(self, block: Samples, position: int) -> None:
        assert self._audio is not None
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, position, Fraction(1, RATE_HZ)
        self._container.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Flush both encoders and turn the file into an ordinary MP4."""
        try:
            for stream in (self._video, self._audio):
                if stream is not None:
                    self._container.mux(stream.encode(None))
        finally:
            self._container.close()
