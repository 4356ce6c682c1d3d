import numpy as np
import pytest

from rtcstack.demo.picture import NUMBERS, Mark, Picture, chroma, read_mark
from rtcstack.demo.plan import MAX_PARTICIPANTS


def _luma(picture: Picture, number: int, *, flash: bool = False) -> np.ndarray:
    flat = picture.draw(number, flash=flash)
    return flat[: picture.width * picture.height].reshape(picture.height, picture.width)


@pytest.mark.parametrize("index", [0, 1, 7, 23])
@pytest.mark.parametrize("number", [0, 1, 77, NUMBERS - 1])
def test_the_mark_says_whose_picture_and_which(index: int, number: int) -> None:
    assert read_mark(_luma(Picture(index), number)) == Mark(index, number)


def test_the_mark_is_readable_in_a_flash_and_at_a_quarter_of_the_size() -> None:
    luma = _luma(Picture(5), 300, flash=True)
    assert read_mark(luma) == Mark(5, 300)
    assert read_mark(luma[::4, ::4]) == Mark(5, 300)


def test_a_frame_number_starts_again_at_its_limit() -> None:
    assert read_mark(_luma(Picture(2), NUMBERS + 3)) == Mark(2, 3)


def test_one_wrong_block_spoils_the_mark() -> None:
    luma = _luma(Picture(4), 1234)
    columns = [round(640 * (0.05 + 0.9 * i / 16)) for i in range(17)]
    for column in range(16):
        spoiled = luma.copy()
        block = spoiled[29:76, columns[column] : columns[column + 1]]
        block[:] = 249 - block
        assert read_mark(spoiled) is None, f"the block in column {column} was turned over and nobody noticed"


def test_a_picture_without_a_mark_has_none() -> None:
    assert read_mark(np.full((360, 640), 110, np.uint8)) is None


def test_every_participant_has_a_colour_far_from_the_others_and_from_grey() -> None:
    places = [np.array(chroma(index)) for index in range(MAX_PARTICIPANTS)]
    for n, place in enumerate(places):
        assert np.hypot(*(place - 128)) > 29
        for other in places[:n]:
            assert np.hypot(*(place - other)) > 22


def test_the_picture_moves_all_over() -> None:
    picture = Picture(0)
    first = _luma(picture, 10).copy()
    moved = first[130:] != _luma(picture, 11)[130:]
    assert moved.mean() > 0.8
