"""One telling picture of a recording."""

from fractions import Fraction
from typing import Final

import numpy as np

from rtcstack.media.jpeg import Yuv, scaled, write_jpeg
from rtcstack.media.keyframes import decoded, nearest_keyframe
from rtcstack.media.opening import Recording
from rtcstack.media.order import PosterDone, PosterTask

_CANDIDATES: Final = 12
_WIDEST_PX: Final = 1280
_JUDGED_PX: Final = 160


def make_poster(recording: Recording, task: PosterTask) -> PosterDone:
    """Write the keyframe that shows most, of a dozen spread over the recording, neither its first nor its last moments.

    Raises:
        Invalid: `no_video`.
    """
    steps = range(1, _CANDIDATES + 1)
    moments = [recording.end_s * Fraction(step, _CANDIDATES + 1) for step in steps]
    keyframes = dict.fromkeys(nearest_keyframe(recording, moment) for moment in moments)
    best: Yuv | None = None
    most = -1.0
    for _, frame in decoded(list(keyframes)):
        shown = how_telling(scaled(frame, _JUDGED_PX))
        if shown > most:
            best, most = scaled(frame, min(frame.width, _WIDEST_PX)), shown
    assert best is not None
    write_jpeg(best, task.out)
    return PosterDone()


def how_telling(picture: Yuv) -> float:
    """Say how much a picture shows: contrast over the whole, and detail; a black one or an empty grid shows little.

    Detail counts by its median over blocks of the picture, so that a single line of text does not pass for a scene.
    """
    luma = picture[0].astype(np.float32)
    detail = np.abs(np.diff(luma, axis=1))[:-1] + np.abs(np.diff(luma, axis=0))[:, :-1]
    height, width = (side // 8 * 8 for side in detail.shape)
    if not height or not width:  # a strip that is lower than a block
        return float(luma.std() * (1 + np.median(detail)))
    blocks = detail[:height, :width].reshape(height // 8, 8, width // 8, 8).mean(axis=(1, 3))
    return float(luma.std() * (1 + np.median(blocks)))
