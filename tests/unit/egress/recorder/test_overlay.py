import time

import numpy as np
import pytest

from rtcstack.egress.job import OverlayJob
from rtcstack.egress.recorder.canvas import Canvas, view
from rtcstack.egress.recorder.media import Plane
from rtcstack.egress.recorder.overlay import Overlay

MS, S = 1_000_000, 1_000_000_000


def clock() -> Overlay:
    return Overlay(OverlayJob(has_clock=True), 1280, 720)


def laid_over(overlay: Overlay) -> Plane:
    """Return the luma of an empty picture with it."""
    return view(overlay.over(Canvas(1280, 720).snapshot()).planes[0])


def test_the_clock_follows_when_the_machines_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    wall_ns = 1_800_000_000 * S
    monkeypatch.setattr(time, "monotonic_ns", lambda: 0)
    monkeypatch.setattr(time, "time_ns", lambda: wall_ns)
    overlay = clock()
    assert overlay.update(MS)
    before = laid_over(overlay)
    assert not overlay.update(2 * MS)
    wall_ns += 3600 * S
    assert overlay.update(3 * MS)
    anew = clock()
    assert anew.update(3 * MS)
    assert np.array_equal(laid_over(overlay), laid_over(anew))
    assert not np.array_equal(laid_over(overlay), before)
