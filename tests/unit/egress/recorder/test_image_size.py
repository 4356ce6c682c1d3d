"""What is not said of an image's size follows from the recording's, as far as there are JPEGs of it."""

import av
import pytest

from rtcstack.egress.outputs import ImagesOutput
from rtcstack.egress.recorder.images import drawn, size_of


@pytest.mark.parametrize(
    ("recorded", "asked", "made"),
    [
        ((1280, 720), (0, 0), (1280, 720)),
        ((1280, 720), (640, 0), (640, 360)),
        ((1280, 720), (0, 180), (320, 180)),
        ((16, 1920), (4096, 0), (4096, 4096)),
        ((1920, 16), (0, 4096), (4096, 4096)),
        ((1920, 16), (64, 0), (64, 1)),
    ],
)
def test_size_of(recorded: tuple[int, int], asked: tuple[int, int], made: tuple[int, int]) -> None:
    output = ImagesOutput(prefix="a", interval_s=1, width=asked[0], height=asked[1])
    frame = av.VideoFrame(*recorded, "yuv420p")
    assert size_of(output, frame) == made
    assert drawn(frame, *made).shape == (3, made[1], made[0])
