"""What a layout's name says: LiveKit's three, each plain (dark), `-light` or `-dark`, and how many tiles there may be."""

import re
from typing import Final, Literal

import msgspec

from rtcstack.errors import Invalid

Shape = Literal["grid", "speaker", "single-speaker"]
SHAPES: Final[tuple[Shape, ...]] = ("grid", "speaker", "single-speaker")
LAYOUTS: Final = tuple(f"{shape}{tone}" for shape in SHAPES for tone in ("", "-light", "-dark"))
"""The names, as LiveKit's own template has them (`docs/egress.md`)."""
_NAME: Final = re.compile(
    r"(?P<shape>grid|speaker|single-speaker)(-(?P<tone>light|dark))?(\?maxTiles=(?P<most>[1-9]\d?))?"
)


class Look(msgspec.Struct, frozen=True):
    shape: Shape = "grid"
    is_light: bool = False
    max_tiles: int | None = None
    """Of more than these the grid shows those who spoke last; None shows all."""


def read_look(layout: str) -> Look:
    """Return what a layout's name asks for; an empty one is the dark grid.

    Beside the plain names there is `grid?maxTiles=9`, for 1 to 99 tiles.

    Raises:
        Invalid: for a name that nobody knows.
    """
    found = _NAME.fullmatch(layout or "grid")
    if found is None:
        raise Invalid(
            f"layout: {layout[:40]!r} is not known; there are {', '.join(LAYOUTS)}, and grid?maxTiles=1 to 99"
        )
    most = found["most"]
    return msgspec.convert(
        {
            "shape": found["shape"],
            "is_light": found["tone"] == "light",
            "max_tiles": int(most) if most else None,
        },
        Look,
    )


def check_layout(layout: str) -> str:
    """Return the name, `grid` for an empty one; raise Invalid as `read_look`."""
    read_look(layout)
    return layout or "grid"
