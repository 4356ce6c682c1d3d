"""Where the tiles go: pure geometry. Everything is even, because chroma has half the resolution."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

_ASPECT = Fraction(16, 9)
LARGEST_SIDE, LARGEST_AREA = 1920, 1920 * 1080
_CACHED: Final = 256


@dataclass(frozen=True, slots=True)
class Rect:
    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def inset(self, by: int) -> "Rect":
        """Return what is left when `by` is taken off on each side."""
        return Rect(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    def overlap(self, other: "Rect") -> "Rect":
        """Return what both cover; without anything in common its width or height is 0."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Rect(x, y, max(0, right - x), max(0, bottom - y))


def even(value: int | Fraction) -> int:
    """Return the largest even number that is not larger."""
    return int(value) // 2 * 2


@lru_cache(maxsize=_CACHED)  # asked for with every picture
def contain(width: int, height: int, cell: Rect) -> Rect:
    """Return the largest centred rectangle in `cell` with the aspect ratio of width by height, at least two by two."""
    scale = min(Fraction(cell.width, width), Fraction(cell.height, height))
    # Up to one pixel of rounding is taken from the picture rather than left as a line of background beside it.
    fit_width = max(2, min(cell.width, even(width * scale + 1)))
    fit_height = max(2, min(cell.height, even(height * scale + 1)))
    x = cell.x + even((cell.width - fit_width) // 2)
    y = cell.y + even((cell.height - fit_height) // 2)
    return Rect(x, y, fit_width, fit_height)


def within(width: int, height: int) -> tuple[int, int]:
    """Return the largest even size of this shape that can be recorded: up to 1920 a side, and no more than 1920x1080."""
    scale = min(1.0, LARGEST_SIDE / max(width, height), (LARGEST_AREA / (width * height)) ** 0.5)
    return max(16, even(int(width * scale))), max(16, even(int(height * scale)))


def _tile_area(columns: int, rows: int, width: int, height: int) -> Fraction:
    tile_width = min(Fraction(width, columns), Fraction(height, rows) * _ASPECT)
    return tile_width * tile_width / _ASPECT


def _shape(count: int, width: int, height: int) -> tuple[int, int]:
    """Return columns and rows that make 16:9 tiles largest; of equal ones the widest."""
    shapes = [(columns, -(-count // columns)) for columns in range(1, count + 1)]
    return max(shapes, key=lambda shape: (_tile_area(shape[0], shape[1], width, height), shape[0]))


def grid(count: int, area: Rect) -> tuple[Rect, ...]:
    """Lay `count` cells of one size into `area`, row by row; a last row that is not full is centred.

    A single row is as high as the area and a single column as wide, which leaves room for pictures of any shape; more
    of them move together until the cells are 16:9.
    """
    if count == 0:
        return ()
    columns, rows = _shape(count, area.width, area.height)
    width, height = even(area.width // columns), even(area.height // rows)
    if rows > 1:
        height = min(height, even(width / _ASPECT + 1))
    if columns > 1:
        width = min(width, even(height * _ASPECT + 1))
    return rows_of(count, columns, width, height, area)


def rows_of(count: int, columns: int, width: int, height: int, area: Rect) -> tuple[Rect, ...]:
    """Lay `count` cells of width by height in rows in the middle of `area`, each row in the middle of its own."""
    rows = -(-count // columns)
    top = area.y + even((area.height - rows * height) // 2)
    cells = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        left = area.x + even((area.width - in_row * width) // 2)
        cells.append(Rect(left + column * width, top + row * height, width, height))
    return tuple(cells)
