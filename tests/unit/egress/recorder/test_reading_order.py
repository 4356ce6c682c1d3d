"""Hebrew and Arabic names beside Latin ones. The letters of the right-to-left ones are turned here as a font engine turns them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.recorder.reading_order import seen

_ANNA = "\u05d0\u05e0\u05d4"
_TURNED = _ANNA[::-1]


def _as_seen(text: str) -> str:
    """The letters from left to right."""
    stretches = [(level, text[places.start : places.stop]) for level, places in seen(text)]
    return "".join(stretch[::-1] if level % 2 else stretch for level, stretch in stretches)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann Bo", "Ann Bo"),
        ("Zoë, 42 (Bo)", "Zoë, 42 (Bo)"),
        (_ANNA, _TURNED),
        (f"{_ANNA} {_ANNA}", f"{_TURNED} {_TURNED}"),
        (f"{_ANNA} Ann", f"Ann {_TURNED}"),
        (f"Ann {_ANNA}", f"Ann {_TURNED}"),
        (f"Ann {_ANNA} Bo", f"Ann {_TURNED} Bo"),
        (f"Ann {_ANNA} {_ANNA} Bo", f"Ann {_TURNED} {_TURNED} Bo"),
        (f"{_ANNA} Ann Bo {_ANNA}", f"{_TURNED} Ann Bo {_TURNED}"),
        (f"{_ANNA} 12", f"12 {_TURNED}"),
        (f"{_ANNA} 12:30", f"12:30 {_TURNED}"),
        (f"Ann {_ANNA} 12 Bo", f"Ann 12 {_TURNED} Bo"),
        (f"{_ANNA}…", f"…{_TURNED}"),
        (f"Ann…{_ANNA}", f"Ann…{_TURNED}"),
        ("\u0639\u0644\u064a Ali", "Ali \u064a\u0644\u0639"),
        ("", ""),
        ("…", "…"),
    ],
)
def test_words_and_spaces_stand_where_a_reader_expects_them(text: str, shown: str) -> None:
    assert _as_seen(text) == shown


@given(st.text("aZ \u05d0\u05d1\u06271\u0661:,.(\u0301", max_size=20))
def test_every_letter_is_seen_once(text: str) -> None:
    assert sorted(place for _, places in seen(text) for place in places) == list(range(len(text)))
