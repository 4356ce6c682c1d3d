"""Names as masks: all of each letter is in them, whatever the size."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from rtcstack.egress.recorder import text

_NAMES = (
    *(
        "Ann Bo",
        "Alice",
        "Andrew",
        "Alex",
        "Roy",
        "Ἄννα",
        "Ann",
        "Bob",
        "Jo",
        "Zoë",
        "Åsa",
        "Émile",
        "Ödön",
        "İrem",
    ),
    *(
        "Ada Lovelace",
        "Søren Kjærgård",
        "Юлия",
        "Фёдор",
        "Βασίλης",
        "John Duff",
        "Jeff",
        "Wolf",
        "Dr. A. Wu",
        "user-42",
    ),
    *(
        "Nguyễn Ế",
        "Ầu Cơ",
        "Jürgen",
        "Łukasz",
        "Şafak",
        "Çiğdem",
        "quay",
        "fj",
        "V.",
        "T.",
        "Ty",
        "A",
        "j",
        "@v",
        "Ǻ",
    ),
)
_FONT = str(files("font_source_sans_pro").joinpath("files", "SourceSansPro-Semibold.ttf"))


def _inked(pixels: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _on_a_large_sheet(name: str, px: int) -> np.ndarray:
    sheet = Image.new("L", (px * (len(name) + 6), px * 6))
    ImageDraw.Draw(sheet).text(
        (px * 3, px * 3), name, fill=255, font=ImageFont.truetype(_FONT, px), anchor="ls"
    )
    return np.asarray(sheet)


@pytest.mark.parametrize("px", [11, 14, 20, 26])
def test_nothing_of_a_name_lies_beyond_its_mask(px: int) -> None:
    cut = []
    for name in _NAMES:
        mask, whole = text.mask(name, px), _inked(_on_a_large_sheet(name, px))
        assert mask.shape == (round(px * 1.4), text.width(name, px))
        drawn = _inked(np.round(mask * 255).astype(np.uint8))
        if drawn.shape != whole.shape or not np.array_equal(drawn, whole):
            cut.append((name, drawn.shape, whole.shape))
    assert not cut


def test_a_name_stands_close_to_both_ends_of_its_mask() -> None:
    for name in _NAMES:
        columns = np.flatnonzero(text.mask(name, 26).any(axis=0))
        assert columns[0] <= 3, name
        assert text.width(name, 26) - columns[-1] <= 4, name
