import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcstack.egress.recorder import text
from rtcstack.egress.recorder.labels import disc, frame, initials, name_label
from rtcstack.egress.recorder.stamp import Sketch, rounded
from rtcstack.egress.recorder.theme import DARK, LIGHT, colour_of, yuv


def laid(stamp: object, value: int = 100) -> np.ndarray:
    """The luma of a grey ground with the stamp on it."""
    height, width = stamp.height, stamp.width
    planes = tuple(
        np.full(size, value, np.uint8) for size in ((height, width), *[(height // 2, width // 2)] * 2)
    )
    stamp.lay(planes)
    return planes[0]


def test_a_stamp_covers_where_it_is_opaque_and_leaves_the_rest() -> None:
    stamp = Sketch(20, 10).paint(np.ones((10, 10), np.float32), (235, 90, 240)).stamp()
    planes = (
        np.full((10, 20), 16, np.uint8),
        np.full((5, 10), 128, np.uint8),
        np.full((5, 10), 128, np.uint8),
    )
    stamp.lay(planes)
    assert [plane[0, 0] for plane in planes] == [235, 90, 240]
    assert [plane[0, -1] for plane in planes] == [16, 128, 128]


def test_half_transparent_is_half_of_both() -> None:
    stamp = Sketch(4, 4).paint(np.ones((4, 4), np.float32), (200, 128, 128), opacity=0.5).stamp()
    assert abs(int(laid(stamp)[0, 0]) - 150) <= 1


def test_a_rounded_rectangle_has_soft_corners_and_a_full_middle() -> None:
    mask = rounded(40, 20, 8)
    assert mask[0, 0] == 0
    assert mask[10, 20] == mask[0, 20] == 1
    assert ((mask > 0) & (mask < 1)).any()


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("bob", "B"),
        ("Søren Aabye Kierkegård", "SK"),
        ("юлия я", "ЮЯ"),
        ("user-42", "U"),
        ("42", "4"),
        ("🎉🎉", ""),
        ("", ""),
    ],
)
def test_initials_are_those_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_what_no_font_has_is_left_out() -> None:
    assert text.drawable("Zoë 🎉 \ue000\x07\u200bB") == "Zoë B"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.integers(11, 26), st.integers(0, 400))
def test_any_name_makes_a_label_that_fits_and_a_disc(name: str, px: int, widest: int) -> None:
    label = name_label(name, px, widest, LIGHT)
    assert label is None or (label.width <= widest + 2 and label.height % 2 == label.width % 2 == 0)
    assert disc(name, 48, DARK).width == 48


def test_a_long_name_ends_with_an_ellipsis() -> None:
    fitted = text.fitted("Bartholomew Montgomery", 16, 100)
    assert fitted.startswith("Barth")
    assert fitted.endswith("…")
    assert text.width(fitted, 16) <= 100


def test_a_ring_takes_the_edges_and_the_corners_are_cut() -> None:
    parts = {(x, y): stamp for x, y, stamp in frame(200, 100, 10, 4, DARK)}
    top = laid(parts[0, 0])
    assert top[0, 100] == DARK.ring[0]
    assert top[0, 0] == DARK.background[0]
    assert len(frame(200, 100, 10, 0, DARK)) == 4
    assert all(stamp.width == 10 for _, _, stamp in frame(200, 100, 10, 0, DARK))


def test_colours_are_those_of_bt601_video_range() -> None:
    assert yuv(0xFFFFFF) == (235, 128, 128)
    assert yuv(0x000000) == (16, 128, 128)
    assert yuv(0xFF0000) == (81, 90, 240)
    assert colour_of("ann") == colour_of("ann")
