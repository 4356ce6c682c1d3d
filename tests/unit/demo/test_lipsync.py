from collections.abc import Callable
from pathlib import Path

import pytest

from rtcstack.demo.lipsync import measure, pair
from tests.unit.demo.conftest import Film


@pytest.mark.parametrize("delay_ms", [0, 100])
def test_the_delay_of_the_sound_is_measured(shoot: Callable[[Film], Path], delay_ms: int) -> None:
    offsets = measure(shoot(Film(tones=(0,), beep=True, beep_delay_ms=delay_ms)), 0)
    assert [round(offset.time_s) for offset in offsets] == [1, 2, 3]
    for offset in offsets:
        assert offset.offset_ms == pytest.approx(delay_ms, abs=4)


def test_a_flash_without_a_beep_is_left_out() -> None:
    [offset] = pair([1.0, 2.0], [1.96])
    assert offset.time_s == 2.0
    assert offset.offset_ms == pytest.approx(-40)
    assert pair([1.0], []) == []
