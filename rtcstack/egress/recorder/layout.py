"""Where the tiles go: pure geometry. Everything is even, because chroma has half the resolution."""

from dataclasses import dataclass
from fractions import Fraction

_ASPECT = Fraction(16, 9)


@dataclass(frozen=True, slots=True)
class Rect:
    x: int
    y: int
    width: int
    height: int


def _even(value: int | Fraction) -> int:
    return int(value) // 2 * 2


def contain(width: int, height: int, cell: Rect) -> Rect:
    """Return the largest centred rectangle in `cell` with the aspect ratio of width by height, at least two by two."""
    scale = min(Fraction(cell.width, width), Fraction(cell.height, height))
    # Up to one pixel of rounding is taken from the picture rather than left as a line of background beside it.
    fit_width = max(2, min(cell.width, _even(width * scale + 1)))
    fit_height = max(2, min(cell.height, _even(height * scale + 1)))
    x = cell.x + _even((cell.width - fit_width) // 2)
    y = cell.y + _even((cell.height - fit_height) // 2)
    return Rect(x, y, fit_width, fit_height)


def _tile_area(columns: int, rows: int, width: int, height: int) -> Fraction:
    tile_width = min(Fraction(width, columns), Fraction(height, rows) * _ASPECT)
    return tile_width * tile_width / _ASPECT


def _shape(count: int, width: int, height: int) -> tuple[int, int]:
    """Return columns and rows that make 16:9 tiles largest; of equal ones the widest."""
    shapes = [(columns, -(-count // columns)) for columns in range(1, count + 1)]
    return max(shapes, key=lambda shape: (_tile_area(shape[0], shape[1], width, height), shape[0]))


def grid(count: int, width: int, height: int) -> tuple[Rect, ...]:
    """Cut width by height into `count` cells of one size, row by row; a last row that is not full is centred."""
    if count == 0:
        return ()
    columns, rows = _shape(count, width, height)
    cell_width, cell_height = _even(width // columns), _even(height // rows)
    top = _even((height - rows * cell_height) // 2)
    cells = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        left = _even((width - in_row * cell_width) // 2)
        cells.append(Rect(left + column * cell_width, top + row * cell_height, cell_width, cell_height))
    return tuple(cells)
