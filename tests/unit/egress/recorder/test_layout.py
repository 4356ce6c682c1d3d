from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.recorder.layout import Rect, contain, grid, within

HD = Rect(0, 0, 1280, 720)
sides = st.integers(16, 4096)
counts = st.integers(0, 50)
canvases = st.sampled_from([(1280, 720), (1920, 1080), (640, 360), (720, 1280), (854, 480)])


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def is_even(rect: Rect) -> bool:
    return all(value % 2 == 0 for value in (rect.x, rect.y, rect.width, rect.height))


def is_inside(rect: Rect, outer: Rect) -> bool:
    return (
        rect.x >= outer.x
        and rect.y >= outer.y
        and rect.x + rect.width <= outer.x + outer.width
        and rect.y + rect.height <= outer.y + outer.height
    )


@given(counts, canvases)
def test_cells_are_even_inside_of_one_size_and_do_not_overlap(count: int, canvas: tuple[int, int]) -> None:
    cells = grid(count, Rect(0, 0, *canvas))
    assert len(cells) == count
    assert all(is_even(cell) and is_inside(cell, Rect(0, 0, *canvas)) for cell in cells)
    assert len({(cell.width, cell.height) for cell in cells}) <= 1
    assert all(cell.width >= 16 and cell.height >= 16 for cell in cells)
    assert not any(overlap(one, other) for one, other in combinations(cells, 2))


@given(sides, sides, counts.filter(bool), canvases)
def test_a_picture_is_whole_centred_and_touches_its_cell(
    width: int, height: int, count: int, canvas: tuple[int, int]
) -> None:
    cell = grid(count, Rect(0, 0, *canvas))[0]
    rect = contain(width, height, cell)
    assert is_even(rect)
    assert is_inside(rect, cell)
    assert rect.width >= cell.width - 2 or rect.height >= cell.height - 2
    assert abs((rect.x - cell.x) - (cell.x + cell.width - rect.x - rect.width)) <= 2
    assert abs((rect.y - cell.y) - (cell.y + cell.height - rect.y - rect.height)) <= 2


@given(sides, sides)
def test_the_aspect_ratio_is_kept_to_two_pixels(width: int, height: int) -> None:
    rect = contain(width, height, Rect(0, 0, 1280, 720))
    assert abs(rect.width * height - rect.height * width) <= 2 * max(width, height) or 2 in (
        rect.width,
        rect.height,
    )


def test_one_fills_all_and_two_640_by_360_need_no_scaling() -> None:
    assert grid(0, HD) == ()
    assert grid(1, HD) == (HD,)
    left, right = grid(2, HD)
    assert contain(640, 360, left) == Rect(0, 180, 640, 360)
    assert contain(640, 360, right) == Rect(640, 180, 640, 360)


def test_the_last_row_is_centred() -> None:
    assert grid(3, HD) == (Rect(0, 0, 640, 360), Rect(640, 0, 640, 360), Rect(320, 360, 640, 360))


def test_rows_and_columns_move_together() -> None:
    upper, lower = grid(5, HD)[0], grid(5, HD)[3]
    assert upper.y + upper.height == lower.y
    assert upper.y == 720 - (lower.y + lower.height)


@given(sides, sides)
def test_what_is_recorded_as_it_comes_is_even_and_not_too_large(width: int, height: int) -> None:
    recorded = within(width, height)
    assert all(side % 2 == 0 and 16 <= side <= 1920 for side in recorded)
    assert recorded[0] * recorded[1] <= 1920 * 1080
    if width % 2 == height % 2 == 0 and max(width, height) <= 1920 and width * height <= 1920 * 1080:
        assert recorded == (width, height)
