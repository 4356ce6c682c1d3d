"""A short film made of pictures, for a service that takes films only: each picture stands for one second."""

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import av

_FRAMERATE: Final = 2
SECOND_S: Final = 1.0
"""How long each picture stands."""


def film_of(frames: Sequence[av.VideoFrame]) -> bytes:
    """Return an MP4 (H.264), in the size of the first picture; the others are brought to it."""
    file = io.BytesIO()
    width, height = (side // 2 * 2 for side in (frames[0].width, frames[0].height))
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_FRAMERATE, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(frames):
            shown = frame.reformat(width, height, "yuv420p")
            for again in range(_FRAMERATE):
                shown.pts, shown.time_base = number * _FRAMERATE + again, Fraction(1, _FRAMERATE)
                container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return file.getvalue()
