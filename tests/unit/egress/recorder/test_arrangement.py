from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.look import SHAPES, Shape
from rtcstack.egress.recorder.arrangement import arrange
from rtcstack.egress.recorder.layout import Rect

counts = st.integers(0, 50)
sizes = st.sampled_from([(1280, 720), (1920, 1080), (720, 1280), (640, 640), (320, 180)])
WHOLE = Rect(0, 0, 1280, 720)


@given(st.sampled_from(SHAPES), st.integers(0, 3), counts, sizes)
def test_cells_are_even_inside_and_do_not_overlap(
    shape: Shape, screens: int, people: int, size: tuple[int, int]
) -> None:
    cells = arrange(shape, screens, people, *size)
    assert len(cells) <= screens + people
    assert bool(cells) == bool(screens + people)
    for cell in cells:
        assert cell.overlap(Rect(0, 0, *size)) == cell
        assert all(value % 2 == 0 for value in (cell.x, cell.y, *cell.size))
        assert min(cell.size) > 0
    for one, other in combinations(cells, 2):
        assert 0 in one.overlap(other).size


@given(st.integers(0, 3), counts, sizes)
def test_the_grid_shows_everybody(screens: int, people: int, size: tuple[int, int]) -> None:
    assert len(arrange("grid", screens, people, *size)) == screens + people


def test_a_screen_is_larger_than_any_person_beside_it() -> None:
    screen, *people = arrange("grid", 1, 4, 1280, 720)
    assert screen == Rect(0, 0, 960, 720)
    assert all(cell.x >= 960 for cell in people)


@pytest.mark.parametrize(("people", "shown"), [(1, 1), (2, 2), (6, 6), (50, 6)])
def test_the_speaker_is_large_and_the_next_five_lie_beside(people: int, shown: int) -> None:
    speaker, *others = arrange("speaker", 0, people, 1280, 720)
    assert len(others) == shown - 1
    assert speaker == (Rect(0, 0, 1024, 720) if others else WHOLE)
    assert all(cell.size == (256, 144) for cell in others)


def test_in_a_portrait_picture_they_lie_below() -> None:
    speaker, *others = arrange("speaker", 0, 50, 720, 1280)
    assert len(others) == 6
    assert all(cell.y >= speaker.height for cell in others)


def test_a_single_speaker_or_the_screens_are_alone() -> None:
    assert arrange("single-speaker", 0, 7, 1280, 720) == (WHOLE,)
    assert arrange("single-speaker", 1, 7, 1280, 720) == (WHOLE,)
    assert len(arrange("single-speaker", 2, 7, 1280, 720)) == 2
