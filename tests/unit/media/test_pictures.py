"""Choosing pictures: how telling they are, and at which distance they are taken."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.media.jpeg import Yuv
from rtcstack.media.poster import how_telling
from rtcstack.media.storyboard import interval_s

_RNG = np.random.default_rng(1)


def _scene() -> Yuv:
    return _RNG.integers(0, 255, (3, 90, 160), dtype=np.uint8)


def _empty_grid() -> Yuv:
    """Return two dark tiles with a line of letters on each."""
    picture = np.full((3, 90, 160), 20, np.uint8)
    picture[0, 5:85, 5:75] = picture[0, 5:85, 85:155] = 40
    picture[0, 40:50, 35:45] = picture[0, 40:50, 115:125] = 230
    return picture


def test_a_scene_tells_more_than_an_empty_grid_and_that_more_than_black() -> None:
    black = np.zeros((3, 90, 160), np.uint8)
    assert how_telling(_scene()) > 2 * how_telling(_empty_grid()) > how_telling(black) == 0


def test_a_strip_that_is_lower_than_a_block_tells_something_too() -> None:
    assert how_telling(_RNG.integers(0, 255, (3, 8, 160), dtype=np.uint8)) > 0


@pytest.mark.parametrize(
    ("length_s", "interval"), [(1, 2), (60, 2), (3600, 20), (7200, 60), (24 * 3600, 600)]
)
def test_the_interval_fits_the_length(length_s: int, interval: int) -> None:
    assert interval_s(Fraction(length_s)) == interval


@given(st.integers(1, 190 * 3600))
def test_there_are_never_more_than_two_sheets(length_s: int) -> None:
    assert length_s / interval_s(Fraction(length_s)) <= 200
