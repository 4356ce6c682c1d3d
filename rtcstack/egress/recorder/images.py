"""A picture of the recording now and then, as JPEG."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from rtcstack.egress.ledger import Image, Ledger
from rtcstack.egress.outputs import ImagesOutput
from rtcstack.egress.recorder.media import LARGEST_PX
from rtcstack.media.jpeg import Yuv, jpeg_of

_FORMAT = "yuvj444p"
_BLACK = (0, 128, 128)


def size_of(output: ImagesOutput, frame: av.VideoFrame) -> tuple[int, int]:
    """Return width and height: what was not asked for follows from the recording's proportions."""
    width, height = output.width, output.height
    if not width and not height:
        return frame.width, frame.height
    return (
        width or _within(height * frame.width / frame.height),
        height or _within(width * frame.height / frame.width),
    )


def _within(side_px: float) -> int:
    """Of a recording that is very long and narrow, what follows from its proportions may be more than a JPEG can be."""
    return max(1, min(round(side_px), LARGEST_PX))


def drawn(frame: av.VideoFrame, width: int, height: int) -> Yuv:
    """Return the whole picture in that size, with black beside it where the proportions differ."""
    scale = min(width / frame.width, height / frame.height)
    inner_width, inner_height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    colours = {"dst_colorspace": Colorspace.ITU601, "dst_color_range": ColorRange.JPEG}
    made = frame.reformat(inner_width, inner_height, _FORMAT, **colours)
    picture = np.empty((3, height, width), np.uint8)
    picture[:] = np.array(_BLACK, np.uint8)[:, None, None]
    y, x = (height - inner_height) // 2, (width - inner_width) // 2
    picture[:, y : y + inner_height, x : x + inner_width] = made.to_ndarray()
    return picture


class Images:
    """Called with every frame from the writer's thread; the first one and one an interval are kept."""

    def __init__(self, outputs: Sequence[ImagesOutput], ledger: Ledger, part: int, framerate: int) -> None:
        self._outputs, self._ledger, self._part, self._framerate = outputs, ledger, part, framerate
        self._next = [ledger.next_image(number) for number in range(len(outputs))]
        self._turns = [-1] * len(outputs)
        self._unsynced: set[Path] = set()

    def look(self, frame: av.VideoFrame, tick: int) -> None:
        """Keep the frame if it is time for one. Raises OSError when the disk fails."""
        for number, output in enumerate(self._outputs):
            turn = tick // (output.interval_s * self._framerate)
            if turn != self._turns[number]:
                self._turns[number] = turn
                self._keep(number, output, frame, tick)

    def written(self) -> Iterable[Path]:
        """Return the files that have been written since the last call; another thread may add to them meanwhile."""
        return [self._unsynced.pop() for _ in range(len(self._unsynced))]

    def _keep(self, number: int, output: ImagesOutput, frame: av.VideoFrame, tick: int) -> None:
        content = jpeg_of(drawn(frame, *size_of(output, frame)))
        pts_ms = tick * 1000 // self._framerate
        image = Image(number, self._part, self._next[number], pts_ms, len(content))
        file = self._ledger.file(image)
        file.write_bytes(content)
        self._unsynced.add(file)
        self._ledger.append(image)
        self._next[number] += 1
