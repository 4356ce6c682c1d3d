"""Which pictures and samples are in a clip; the first is known to half a picture, sound to a sample."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.media.trim import PictureTrim, SoundTrim

_FRAME_S = Fraction(1, 30)
_RATE_HZ = 48_000


def _trimmed(begin_s: Fraction, end_s: Fraction, times_s: list[Fraction]) -> list[tuple[Fraction, int]]:
    trim = PictureTrim[int](begin_s, end_s, _FRAME_S)
    found = [placed for number, at_s in enumerate(times_s) for placed in trim.offer(at_s, number)]
    return [*found, *trim.finish()]


@pytest.mark.parametrize(
    ("begin", "end", "first", "count"),
    [
        ("0", "1", 0, 30),
        ("1", "2", 30, 30),
        ("1.01", "2.01", 30, 30),
        ("1.02", "2.02", 31, 30),
        ("1.001", "1.002", 30, 1),
        ("9.99", "10", 299, 1),
        ("0", "10", 0, 300),
    ],
)
def test_edges_move_to_the_nearest_picture(begin: str, end: str, first: int, count: int) -> None:
    found = _trimmed(Fraction(begin), Fraction(end), [n * _FRAME_S for n in range(300)])
    assert found[: first + count] == [(n * _FRAME_S, first + n) for n in range(min(count, 300 - first))]


@given(st.integers(0, 9000), st.integers(1, 3000), st.integers(1, 3000))
def test_clips_that_follow_each_other_share_no_picture_and_miss_none(
    begin: int, first: int, second: int
) -> None:
    cuts = [Fraction(ms, 1000) for ms in (begin, begin + 34 + first, begin + 68 + first + second)]
    times_s = [n * _FRAME_S for n in range(round(cuts[2] * 30) + 90)]
    numbers = [n for a, b in pairwise(cuts) for _, n in _trimmed(a, b, times_s)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_picture_that_stands_when_the_clip_begins_is_its_first() -> None:
    found = _trimmed(Fraction(5), Fraction(9), [Fraction(0), Fraction(4), Fraction(7), Fraction(12)])
    assert found == [(Fraction(0), 1), (Fraction(2), 2)]


def test_the_last_picture_stands_to_the_very_end() -> None:
    assert _trimmed(Fraction(5), Fraction(6), [Fraction(0), Fraction(4)]) == [(Fraction(0), 1)]


def test_pictures_that_begin_later_keep_their_time() -> None:
    found = _trimmed(Fraction(5), Fraction(7), [Fraction(6), Fraction(7)])
    assert found == [(Fraction(1), 0)]


def _ramp(begin: int, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.arange(begin, begin + count, dtype=np.float32)[None, :]


@given(st.integers(0, 5000), st.integers(1, 5000), st.lists(st.integers(1, 1500), min_size=8, max_size=12))
def test_sound_is_cut_at_the_sample_whatever_the_blocks_are(begin: int, count: int, sizes: list[int]) -> None:
    trim, at, blocks = SoundTrim(_RATE_HZ), 0, []
    origin_s = Fraction(begin, _RATE_HZ)
    for nth, size in enumerate([*sizes, 12_000]):
        if nth == 3:  # the first picture may be known later than the first sound
            blocks += trim.begin(origin_s, origin_s + Fraction(count, _RATE_HZ))
        blocks += trim.offer(Fraction(at, _RATE_HZ), _ramp(at, size))
        at += size
    assert np.array_equal(np.concatenate(blocks, axis=1), _ramp(begin, count))


def test_silence_stands_where_sound_is_missing() -> None:
    trim = SoundTrim(_RATE_HZ)
    assert list(trim.begin(Fraction(0), Fraction(1))) == []
    blocks = [
        *trim.offer(Fraction(1, 4), np.ones((1, 100), np.float32)),
        *trim.offer(Fraction(3, 4), np.ones((1, 10), np.float32)),
    ]
    heard = np.concatenate(blocks, axis=1)[0]
    assert np.flatnonzero(heard).tolist() == [*range(12_000, 12_100), *range(36_000, 36_010)]


def test_a_clock_that_counts_milliseconds_makes_no_gaps() -> None:
    trim = SoundTrim(_RATE_HZ)
    list(trim.begin(Fraction(0), Fraction(10)))
    blocks = [
        b for n in range(100) for b in trim.offer(Fraction(round(n * 1024 / 48), 1000), _ramp(n * 1024, 1024))
    ]
    assert np.array_equal(np.concatenate(blocks, axis=1), _ramp(0, 102_400))
