"""JPEG pictures, decoded by libav and scaled."""

import io

import av
import av.error
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
"""Shape (height, width, 3)."""


def decode(jpeg: bytes) -> av.VideoFrame | None:
    """Return the picture, or None if it is none."""
    try:
        with av.open(io.BytesIO(jpeg), "r", format="mjpeg") as container:
            return next(container.decode(video=0), None)
    except av.error.FFmpegError:
        return None


def rgb(frame: av.VideoFrame, width: int, height: int) -> Rgb:
    """Return it in that size; proportions give way, as classifiers are trained."""
    return np.asarray(frame.reformat(width, height, "rgb24").to_ndarray(), np.uint8)
