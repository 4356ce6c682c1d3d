"""Pictures as JPEG files."""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace

Yuv = npt.NDArray[np.uint8]
"""Shape (3, height, width): luma and chroma as JPEG has them, full range and BT.601."""

_FORMAT: Final = "yuvj444p"
_QUALITY: Final = 4
"""libav's scale from 2, the best, to 31."""


def scaled(frame: av.VideoFrame, width: int) -> Yuv:
    """Return the picture so many pixels wide and with its own proportions."""
    height = max(1, round(width * frame.height / frame.width))
    colors = {"dst_colorspace": Colorspace.ITU601, "dst_color_range": ColorRange.JPEG}
    made = frame.reformat(width, height, _FORMAT, **colors)
    return np.asarray(made.to_ndarray(), np.uint8)


def write_jpeg(picture: Yuv, file: Path) -> None:
    file.write_bytes(jpeg_of(picture))


def jpeg_of(picture: Yuv) -> bytes:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=_FORMAT)
    context = av.CodecContext.create("mjpeg", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = frame.width, frame.height, _FORMAT
    context.time_base, context.qmin, context.qmax = Fraction(1), _QUALITY, _QUALITY
    context.color_range, frame.color_range = ColorRange.JPEG, ColorRange.JPEG
    frame.pts = 0
    packets = [*context.encode(frame), *context.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
