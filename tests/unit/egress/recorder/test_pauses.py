"""Which ticks and which samples are in the file, whenever somebody pauses and resumes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcstack.egress.recorder.clock import RecordingClock
from rtcstack.egress.recorder.media import CHANNELS, RATE_HZ
from rtcstack.egress.recorder.mixer import BLOCK
from rtcstack.egress.recorder.pauses import Pauses
from rtcstack.egress.recorder.splice import Splice

_TICKS = 45
_FADE = RATE_HZ * 5 // 1000
_START_NS = 10**18
framerates = st.sampled_from([15, 24, 25, 30, 60])
orders = st.lists(st.tuples(st.integers(0, _TICKS), st.booleans()), max_size=6)


class _Room:
    """Goes through the ticks of a room, with a pause (True) or resume asked for at the deadlines of some."""

    def __init__(self, framerate: int, asked: list[tuple[int, bool]], *, is_paused: bool = False) -> None:
        self._clock = RecordingClock(_START_NS, framerate)
        self._now_ns = _START_NS
        self.pauses = Pauses(self._clock, is_paused=is_paused, now_ns=lambda: self._now_ns)
        self.kept: list[tuple[int, int, bool]] = []
        """Tick of the room, tick of the file, whether it is the first."""
        for tick in range(_TICKS):
            self._now_ns = self._clock.deadline_ns(tick)
            for is_pause in (is_pause for at, is_pause in asked if at == tick):
                (self.pauses.pause if is_pause else self.pauses.resume)()
            if (place := self.pauses.place(tick)) is not None:
                self.kept.append((tick, place.tick, place.is_first))

    @property
    def ticks(self) -> list[int]:
        return [tick for tick, _, _ in self.kept]


@given(framerates, orders, st.booleans())
@settings(deadline=None)
def test_the_files_ticks_have_no_gap_and_each_span_begins_with_a_first_one(
    framerate: int, asked: list[tuple[int, bool]], is_paused: bool
) -> None:
    room = _Room(framerate, asked, is_paused=is_paused)
    assert [file for _, file, _ in room.kept] == list(range(len(room.kept)))
    assert room.pauses.kept(_TICKS) == len(room.kept)
    ticks = room.ticks
    firsts = [tick for tick, _, is_first in room.kept if is_first]
    assert firsts == [tick for n, tick in enumerate(ticks) if n == 0 or ticks[n - 1] != tick - 1]


@given(framerates, orders)
@settings(deadline=None, max_examples=50)
def test_the_sound_that_is_left_is_that_of_the_ticks_to_the_sample(
    framerate: int, asked: list[tuple[int, bool]]
) -> None:
    room = _Room(framerate, asked)
    splice, samples = Splice(room.pauses), _TICKS * RATE_HZ // framerate // BLOCK * BLOCK
    out = []
    for position in range(0, samples, BLOCK):
        block = np.arange(position, position + BLOCK, dtype=np.float32) + 1
        out += list(splice.feed(np.stack([block] * CHANNELS), position))
    assert [position for _, position in out] == [n * BLOCK for n in range(len(out))]
    assert all(block.shape == (CHANNELS, BLOCK) and block.flags.c_contiguous for block, _ in out)
    whole = np.arange(samples)
    expected = whole[np.isin(whole * framerate // RATE_HZ, room.ticks)] + 1
    heard = np.concatenate([block[0] for block, _ in out]) if out else np.zeros(0)
    assert 0 <= len(expected) - len(heard) < BLOCK
    differs = np.abs(heard - expected[: len(heard)]) > 0
    assert differs.sum() <= 2 * len(asked) * _FADE  # beside each cut it falls and rises


@pytest.mark.parametrize(("framerate", "resumed"), [(30, 22), (60, 23), (15, 21)])
def test_a_pause_begins_at_once_and_ends_when_what_was_paused_has_been_shown(
    framerate: int, resumed: int
) -> None:
    """50 ms after it was asked for, in whole ticks."""
    assert _Room(framerate, [(10, True), (20, False)]).ticks == [*range(10), *range(resumed, _TICKS)]


def test_a_pause_right_after_a_resume_leaves_nothing_in_between() -> None:
    assert _Room(30, [(10, True), (20, False), (21, True)]).ticks == list(range(10))


def test_where_somebody_is_held_back_a_pause_ends_later_so_that_nothing_of_it_is_seen() -> None:
    clock = RecordingClock(_START_NS, 30)
    pauses = Pauses(clock, is_paused=True, now_ns=lambda: _START_NS)
    pauses.resume(held_ns=300_000_000)
    kept = [tick for tick in range(_TICKS) if pauses.place(tick)]
    assert kept[0] == 11, "0.35 s"
