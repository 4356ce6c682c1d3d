"""The picture of a storyboard that stands for a clip."""

from dataclasses import replace

import pytest

from rtcstack.domain.previews import Previews, StoryboardSheet, Tile, tile_at

_BOARD = Previews(
    "rec_1",
    "poster",
    tile_width=160,
    tile_height=90,
    interval_ms=2000,
    sheets=(StoryboardSheet("one", 2, 4), StoryboardSheet("two", 2, 3)),
    created_at_ms=0,
)


@pytest.mark.parametrize(
    ("start_s", "end_s", "key", "x", "y"),
    [
        (0, 1, "one", 0, 0),
        (1, 9, "one", 160, 0),
        (2.5, 3.5, "one", 160, 0),
        (4, 5, "one", 0, 90),
        (7, 9, "two", 0, 0),
        (11, 13, "two", 0, 90),
        (500, 501, "two", 0, 90),
    ],
)
def test_it_is_the_first_one_of_the_clip_or_the_last_before_it(
    start_s: float, end_s: float, key: str, x: int, y: int
) -> None:
    assert tile_at(_BOARD, start_s, end_s) == Tile(key, x, y, 160, 90, 320, 180)


def test_a_storyboard_without_pictures_has_none() -> None:
    assert tile_at(replace(_BOARD, sheets=()), 1, 2) is None
