import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rtcstack.egress.job import OverlayJob
from rtcstack.egress.look import SHAPES, Shape
from rtcstack.egress.recorder.arrangement import arrange
from rtcstack.egress.recorder.canvas import view
from rtcstack.egress.recorder.compositor import Compositor
from rtcstack.egress.recorder.layout import Rect
from rtcstack.egress.recorder.media import Picture, VideoInlet
from rtcstack.egress.recorder.place import STALE_NS
from rtcstack.egress.recorder.stage import Scene, Tile
from rtcstack.egress.recorder.theme import DARK, LIGHT, Colour, colour_of, yuv

MS = 1_000_000
RED, BLUE = (90, 100, 200), (110, 180, 90)
WHOLE, LEFT, RIGHT = Rect(0, 0, 1280, 720), Rect(0, 0, 640, 720), Rect(640, 0, 640, 720)


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


def showing(colour: Colour, cell: Rect = WHOLE, width: int = 640, height: int = 360, turns: int = 0) -> Tile:
    inlet = VideoInlet()
    inlet.offer(picture(colour, width, height, turns))
    return Tile(f"{colour}", inlet, cell, has_camera=True)


def alone(tile: Tile) -> Scene:
    return Scene((tile,))


def offer(tile: Tile, new: Picture) -> None:
    assert tile.video
    tile.video.offer(new)


def test_nothing_new_gives_the_same_frame() -> None:
    compositor = Compositor(1280, 720)
    scene = alone(showing(RED))
    first = compositor.compose(scene, 0)
    assert compositor.compose(scene, 1) is first
    assert compositor.compose(Scene(scene.tiles), 2) is first
    assert compositor.composed == 1
    offer(scene.tiles[0], picture(BLUE))
    second = compositor.compose(scene, 3)
    assert pixel(second, 640, 360) == BLUE
    assert pixel(first, 640, 360) == RED, "a frame that was given away must not change"


def test_an_empty_room_is_background_and_a_tile_without_video_a_placeholder() -> None:
    compositor = Compositor(1280, 720)
    assert pixel(compositor.compose(Scene(), 0), 640, 360) == DARK.background
    assert (
        pixel(compositor.compose(alone(Tile("x", None, WHOLE, name="Ann")), 0), 100, 100) == DARK.placeholder
    )
    assert pixel(compositor.compose(Scene(), 0), 640, 360) == DARK.background
    assert pixel(compositor.compose(Scene(is_light=True), 0), 640, 360) == LIGHT.background


def test_initials_stand_for_whoever_has_no_camera_but_not_for_one_that_is_coming() -> None:
    compositor = Compositor(1280, 720)
    scene = alone(Tile("x", None, WHOLE, name="Ann Bo"))
    assert pixel(compositor.compose(scene, 0), 640, 250) == colour_of("Ann Bo")
    coming = alone(Tile("y", None, WHOLE, name="Ann Bo", has_camera=True))
    assert pixel(compositor.compose(coming, 1), 640, 250) == DARK.placeholder
    assert pixel(compositor.compose(coming, MS * 3000), 640, 250) == DARK.placeholder, "the fade begins"
    assert pixel(compositor.compose(coming, MS * 3300), 640, 250) == colour_of("Ann Bo")


def test_a_cameras_picture_gives_way_after_two_seconds_and_that_of_a_screen_never() -> None:
    for is_screen, then in ((False, DARK.placeholder), (True, RED)):
        compositor, scene = Compositor(1280, 720), alone(replace(showing(RED), is_screen=is_screen))
        assert pixel(compositor.compose(scene, STALE_NS), 640, 360) == RED
        compositor.compose(scene, STALE_NS + 1)
        assert pixel(compositor.compose(scene, STALE_NS + 500 * MS), 100, 100) == then


def test_sizes_that_change_leave_no_trace() -> None:
    compositor = Compositor(1280, 720)
    tile = showing(RED)
    compositor.compose(alone(tile), 0)
    offer(tile, picture(BLUE, 321, 321))
    frame = compositor.compose(alone(tile), 1)
    assert pixel(frame, 640, 360) == BLUE
    assert pixel(frame, 10, 360) == DARK.background


def test_a_turned_picture_stands_upright() -> None:
    """Turned clockwise, its upper half goes to the right, then below, then to the left."""
    corners = ((540, 260), (740, 260), (740, 460), (540, 460))
    for turns in range(4):
        tile = showing(BLUE, turns=turns)
        for plane, value in zip(tile.video.picture_at(0).planes, RED, strict=True):
            plane[: len(plane) // 2] = value
        frame = Compositor(1280, 720).compose(alone(tile), 0)
        is_red = [pixel(frame, *corner) == RED for corner in corners]
        assert is_red == np.roll([True, True, False, False], turns).tolist()
        assert (pixel(frame, 300, 260) == DARK.background) == bool(turns % 2)


def test_who_speaks_has_a_ring_and_loses_it() -> None:
    compositor = Compositor(1280, 720)
    one, other = showing(RED, LEFT), showing(BLUE, RIGHT)
    compositor.compose(Scene((one, other)), 0)
    speaking = compositor.compose(Scene((one, replace(other, is_speaking=True))), 1)
    assert pixel(speaking, 960, 180) == DARK.ring
    assert pixel(speaking, 320, 180) == RED
    assert pixel(speaking, 960, 360) == BLUE
    assert pixel(compositor.compose(Scene((one, other)), 2), 960, 180) == BLUE


def test_a_camera_is_cut_by_the_gap_and_a_screen_shrinks_into_it() -> None:
    camera, screen = showing(RED, LEFT), replace(showing(BLUE, RIGHT), is_screen=True)
    frame = Compositor(1280, 720).compose(Scene((camera, screen)), 0)
    assert pixel(frame, 2, 360) == pixel(frame, 640, 360) == DARK.background
    assert pixel(frame, 320, 180) == RED
    assert pixel(frame, 960, 180) == DARK.background


def test_a_change_of_the_whole_fades_over_a_quarter_of_a_second() -> None:
    compositor = Compositor(1280, 720)
    red, blue = alone(showing(RED)), alone(showing(BLUE))
    compositor.compose(red, 0)
    begins, half, done = (compositor.compose(blue, at * MS) for at in (1500, 1620, 1750))
    assert pixel(begins, 640, 360) == RED
    assert all(abs(a - (b + c) / 2) <= 2 for a, b, c in zip(pixel(half, 640, 360), RED, BLUE, strict=True))
    assert pixel(done, 640, 360) == BLUE
    assert compositor.compose(blue, 1800 * MS) is done


def test_where_one_tile_fades_the_others_go_on_and_many_at_once_do_not_hold_each_other_up() -> None:
    compositor = Compositor(1280, 720)
    one, other = showing(RED, LEFT), Tile("x", VideoInlet(), RIGHT, has_camera=True)
    compositor.compose(Scene((one, other)), 0)
    compositor.compose(Scene((one, other)), 1400 * MS)
    offer(other, picture(BLUE, at_ns=1500 * MS))
    offer(one, picture(BLUE, at_ns=1500 * MS))
    begins = compositor.compose(Scene((one, other)), 1500 * MS)
    assert pixel(begins, 320, 360) == BLUE, "a new picture of the same camera does not fade"
    assert pixel(begins, 700, 360) == DARK.placeholder
    one = replace(one, video=None, has_camera=False)
    for at in (1600, 1700, 1750):
        half = compositor.compose(Scene((one, other)), at * MS)
    assert pixel(half, 700, 360) == BLUE, "it is done a quarter of a second after it began"
    assert pixel(half, 60, 360) not in {BLUE, DARK.placeholder}


def test_nothing_fades_in_the_first_second() -> None:
    compositor = Compositor(1280, 720)
    compositor.compose(Scene(), 0)
    assert pixel(compositor.compose(alone(showing(RED)), 900 * MS), 640, 360) == RED


def test_logo_clock_and_text_lie_over_everything_and_only_the_clock_costs(tmp_path: Path) -> None:
    Image.new("RGBA", (300, 100), (255, 0, 0, 255)).save(tmp_path / "logo.png")
    overlay = OverlayJob(str(tmp_path / "logo.png"), "for the minutes", has_clock=True)
    compositor = Compositor(1280, 720, overlay)
    second_ns = 1_000_000_000 - time.time_ns() % 1_000_000_000 + time.monotonic_ns()
    scene = alone(Tile("x", VideoInlet(), WHOLE, has_camera=True))
    offer(scene.tiles[0], picture(BLUE, at_ns=second_ns))
    first = compositor.compose(scene, second_ns + MS)
    assert pixel(first, 100, 50) == yuv(0xFF0000)
    assert pixel(first, 640, 360) == BLUE
    for corner in (np.s_[20:60, 1000:1260], np.s_[660:700, 1000:1260]):
        assert view(first.planes[0])[corner].max() > 200, "text is white"
    assert compositor.compose(scene, second_ns + 900 * MS) is first
    later = compositor.compose(scene, second_ns + 1001 * MS)
    difference = view(later.planes[0]) != view(first.planes[0])
    assert difference[:80, 900:].any()
    assert not difference[80:].any()


def test_what_lies_over_everything_stays_as_it_is_while_the_picture_fades() -> None:
    compositor = Compositor(1280, 720, OverlayJob(text="for the minutes"))
    one, other = (alone(replace(showing(BLUE), key=key)) for key in ("one", "other"))
    before = compositor.compose(one, 0)
    begins, half, done = (compositor.compose(other, at * MS) for at in (1500, 1620, 1750))
    label = np.s_[660:, 1000:]
    for frame in (begins, half, done):
        difference = view(frame.planes[0])[label].astype(int) - view(before.planes[0])[label]
        assert np.abs(difference).max() <= 1, "its dark ground is laid once"


def test_a_logo_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"not a picture")
    compositor = Compositor(1280, 720, OverlayJob(str(tmp_path / "logo.png")))
    assert pixel(compositor.compose(alone(showing(BLUE)), 0), 100, 50) == BLUE


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SHAPES),
    st.tuples(st.integers(8, 160), st.integers(8, 120)),
    st.integers(0, 2),
    st.integers(0, 50),
    st.booleans(),
)
def test_any_size_with_any_number_of_people_can_be_composed(
    shape: Shape, half: tuple[int, int], screens: int, people: int, is_speaking: bool
) -> None:
    width, height = 2 * half[0], 2 * half[1]
    tiles = []
    for index, cell in enumerate(arrange(shape, screens, people, width, height)):
        tile = showing(RED, cell, 32 + index, 18 + index, index % 4)
        missing = {"video": None, "has_camera": False} if index % 3 == 2 else {}
        tiles.append(
            replace(
                tile,
                key=f"{index}",
                is_screen=index < screens,
                is_speaking=is_speaking,
                name="Ann Bo",
                **missing,
            )
        )
    compositor = Compositor(width, height, OverlayJob(text="minutes", has_clock=True))
    frame = compositor.compose(Scene(tuple(tiles)), 0)
    assert (frame.width, frame.height) == (width, height)


def test_absurd_sizes_are_ignored_and_counted() -> None:
    inlet = VideoInlet()
    for width, height in ((8, 360), (640, 15), (4098, 400), (4000, 16), (20, 642)):
        inlet.offer(picture(RED, width, height))
    assert inlet.picture_at(0) is None
    assert inlet.ignored == 5
    inlet.offer(picture(RED, 512, 16))
    assert inlet.picture_at(0)
