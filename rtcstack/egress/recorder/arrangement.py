"""The three layouts as geometry: which cells there are for so many screens and so many people."""

from rtcstack.egress.look import Shape
from rtcstack.egress.recorder.layout import Rect, even, grid, rows_of

_FEW = 6
"""So many people beside a shared screen get a narrow stripe, more of them a wider one."""
_SIDE_ROWS = 5
"""In a landscape picture a stripe of a fifth of its width holds five tiles above one another."""
_BELOW_COLUMNS, _BELOW_ROWS = 3, 2


def arrange(shape: Shape, screens: int, people: int, width: int, height: int) -> tuple[Rect, ...]:
    """Return the cells of the screens and then of the people, in order; who gets none is not shown.

    `grid`: everybody; screens are large and people small beside them. `speaker`: the screens or the first of the people
    large, the next few small beside. `single-speaker`: nothing but the screens or the first of the people.
    """
    whole = Rect(0, 0, width, height)
    match shape:
        case "grid":
            return _grid(screens, people, whole)
        case "speaker":
            return _speaker(screens or min(1, people), people if screens else people - 1, whole)
        case "single-speaker":
            return grid(screens or min(1, people), whole)


def _grid(screens: int, people: int, whole: Rect) -> tuple[Rect, ...]:
    if not screens or not people:
        return grid(screens + people, whole)
    large, small = _split(whole, 4 if people <= _FEW else 3)
    return (*grid(screens, large), *grid(people, small))


def _speaker(focused: int, others: int, whole: Rect) -> tuple[Rect, ...]:
    if others <= 0:
        return grid(focused, whole)
    if whole.width >= whole.height:
        columns, most = 1, _SIDE_ROWS
        large, small = _split(whole, 5)
    else:
        columns, most = _BELOW_COLUMNS, _BELOW_COLUMNS * _BELOW_ROWS
        rows = min(_BELOW_ROWS, -(-others // columns))
        large, small = _cut_off(whole, 0, rows * even(whole.width // columns * 9 // 16))
    tile_width = even(small.width // columns)
    tile_height = max(2, even(tile_width * 9 // 16))
    count = min(others, most, columns * (small.height // tile_height))
    return (*grid(focused, large), *rows_of(count, columns, tile_width, tile_height, small))


def _split(whole: Rect, share: int) -> tuple[Rect, Rect]:
    """Cut off the last part of so many: at the right of a landscape picture, at the bottom of a portrait one."""
    if whole.width >= whole.height:
        return _cut_off(whole, even(whole.width // share), 0)
    return _cut_off(whole, 0, even(whole.height // share))


def _cut_off(whole: Rect, width: int, height: int) -> tuple[Rect, Rect]:
    """Cut off a part of this width at the right, or of this height at the bottom; the other one is 0."""
    large = Rect(whole.x, whole.y, whole.width - width, whole.height - height)
    if width:
        return large, Rect(whole.x + large.width, whole.y, width, whole.height)
    return large, Rect(whole.x, whole.y + large.height, whole.width, height)
