import av
import numpy as np

from rtcstack.egress.recorder.canvas import BACKGROUND, PLACEHOLDER, view
from rtcstack.egress.recorder.compositor import STALE_NS, Compositor
from rtcstack.egress.recorder.media import Picture, VideoInlet
from rtcstack.egress.recorder.stage import Tile

Colour = tuple[int, int, int]
RED, BLUE = (90, 100, 200), (110, 180, 90)


def picture(colour: Colour, width: int = 640, height: int = 360, turns: int = 0, at_ns: int = 0) -> Picture:
    chroma = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = colour
    planes = (
        np.full((height, width), y, np.uint8),
        np.full(chroma, u, np.uint8),
        np.full(chroma, v, np.uint8),
    )
    return Picture(planes, turns, at_ns, at_ns)


def pixel(frame: av.VideoFrame, x: int, y: int) -> Colour:
    luma, u, v = (view(plane) for plane in frame.planes)
    return int(luma[y, x]), int(u[y // 2, x // 2]), int(v[y // 2, x // 2])


def showing(colour: Colour, width: int = 640, height: int = 360, turns: int = 0) -> Tile:
    inlet = VideoInlet()
    inlet.offer(picture(colour, width, height, turns))
    return Tile(f"{colour}", inlet)


def test_nothing_new_gives_the_same_frame() -> None:
    compositor = Compositor(1280, 720)
    tiles = (showing(RED),)
    first = compositor.compose(tiles, 0)
    assert compositor.compose(tiles, 1) is first
    assert compositor.composed == 1
    inlet = tiles[0].video
    assert inlet
    inlet.offer(picture(BLUE))
    second = compositor.compose(tiles, 2)
    assert pixel(second, 640, 360) == BLUE
    assert pixel(first, 640, 360) == RED, "a frame that was given away must not change"


def test_an_empty_room_is_background_and_a_tile_without_video_a_placeholder() -> None:
    compositor = Compositor(1280, 720)
    assert pixel(compositor.compose((), 0), 640, 360) == BACKGROUND
    assert pixel(compositor.compose((Tile("x", None),), 0), 640, 360) == PLACEHOLDER
    assert pixel(compositor.compose((), 0), 640, 360) == BACKGROUND


def test_a_picture_is_held_for_two_seconds_and_then_gives_way() -> None:
    compositor = Compositor(1280, 720)
    tiles = (showing(RED),)
    assert pixel(compositor.compose(tiles, STALE_NS), 640, 360) == RED
    assert pixel(compositor.compose(tiles, STALE_NS + 1), 640, 360) == PLACEHOLDER


def test_sizes_that_change_leave_no_trace() -> None:
    compositor = Compositor(1280, 720)
    tile = showing(RED)
    assert tile.video
    compositor.compose((tile,), 0)
    tile.video.offer(picture(BLUE, 321, 321))
    frame = compositor.compose((tile,), 1)
    assert pixel(frame, 640, 360) == BLUE
    assert pixel(frame, 10, 360) == BACKGROUND


def test_a_turned_picture_stands_upright() -> None:
    upper_red = picture(BLUE, 640, 360)
    upper_red.planes[0][:, :320], upper_red.planes[1][:, :160], upper_red.planes[2][:, :160] = RED
    inlet = VideoInlet()
    inlet.offer(Picture(upper_red.planes, 1, 0, 0))
    frame = Compositor(1280, 720).compose((Tile("x", inlet),), 0)
    # A quarter turn clockwise brings the left half up.
    assert pixel(frame, 640, 100) == RED
    assert pixel(frame, 640, 600) == BLUE
    assert pixel(frame, 300, 360) == BACKGROUND


def test_absurd_sizes_are_ignored_and_counted() -> None:
    inlet = VideoInlet()
    for width, height in ((8, 360), (640, 15), (4098, 100)):
        inlet.offer(picture(RED, width, height))
    assert inlet.picture_at(0) is None
    assert inlet.ignored == 3
