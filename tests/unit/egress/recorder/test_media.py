from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rtcstack.egress.recorder.media import PICTURE_DELAY_NS, AudioInlet, Picture, Sound, VideoInlet

MS = 1_000_000


def sound(number: int) -> Sound:
    return Sound(np.full((2400, 2), number, np.int16), number)


def picture(instant_ns: int, arrived_ns: int | None = None) -> Picture:
    luma, chroma = np.zeros((36, 64), np.uint8), np.zeros((18, 32), np.uint8)
    arrived_ns = instant_ns if arrived_ns is None else arrived_ns
    return Picture((luma, chroma, chroma), 0, arrived_ns, instant_ns)


def instant_at(inlet: VideoInlet, at_ns: int) -> int:
    found = inlet.picture_at(at_ns)
    assert found
    return found.instant_ns


def test_frames_come_out_in_order_and_once() -> None:
    inlet = AudioInlet()
    for number in range(5):
        inlet.offer(sound(number))
    assert [taken.arrived_ns for taken in inlet.take()] == [0, 1, 2, 3, 4]
    assert inlet.take() == []
    assert inlet.overflowed == 0


def test_what_arrived_later_stays() -> None:
    inlet = AudioInlet()
    for number in range(5):
        inlet.offer(sound(number))
    assert [taken.arrived_ns for taken in inlet.take(2)] == [0, 1, 2]
    assert inlet.take(2) == []
    assert [taken.arrived_ns for taken in inlet.take()] == [3, 4]


def test_a_full_inlet_drops_the_oldest_and_counts() -> None:
    inlet = AudioInlet()
    for number in range(AudioInlet.LIMIT + 3):
        inlet.offer(sound(number))
    taken = inlet.take()
    assert len(taken) == AudioInlet.LIMIT
    assert taken[0].arrived_ns == 3
    assert inlet.overflowed == 3


def test_what_is_not_mixed_is_listened_to_and_not_kept() -> None:
    inlet = AudioInlet(is_mixed=False)
    for _ in range(2 * AudioInlet.LIMIT):
        inlet.offer(sound(5000))
    assert inlet.voice.is_speaking
    assert inlet.take() == []
    assert inlet.overflowed == 0


def test_the_first_picture_waits_for_its_place_like_all_others() -> None:
    inlet = VideoInlet()
    assert inlet.picture_at(0) is None
    inlet.offer(picture(50 * MS))
    assert inlet.picture_at(49 * MS) is None
    assert instant_at(inlet, 50 * MS) == 50 * MS


def test_the_first_picture_goes_by_its_arrival() -> None:
    inlet = VideoInlet()
    inlet.offer(picture(30 * MS, 50 * MS))
    assert inlet.picture_at(49 * MS) is None
    assert instant_at(inlet, 50 * MS) == 30 * MS


def test_a_picture_is_shown_from_its_instant_on_until_the_next_ones() -> None:
    inlet = VideoInlet()
    for at_ms in (0, 66, 133):
        inlet.offer(picture(at_ms * MS))
    shown = [instant_at(inlet, at_ms * MS) // MS for at_ms in (0, 33, 65, 66, 99, 132, 133, 1000)]
    assert shown == [0, 0, 0, 66, 66, 66, 133, 133]


@pytest.mark.parametrize("late_ms", [0, 20, 45])
def test_pictures_that_arrive_before_their_place_comes_stand_where_they_would_have(late_ms: int) -> None:
    inlet, delay_ms, shown = VideoInlet(), 50, []
    for now_ms in range(1000):
        if now_ms >= late_ms and (now_ms - late_ms) % 66 == 0:
            inlet.offer(picture((now_ms - late_ms) * MS, now_ms * MS))
        if now_ms % 33 == 0 and now_ms > 150:
            shown.append((now_ms, instant_at(inlet, (now_ms - delay_ms) * MS) // MS))
    assert shown == [(now_ms, (now_ms - delay_ms) // 66 * 66) for now_ms, _ in shown]


def test_a_picture_whose_place_has_passed_is_shown_at_once_and_those_before_it_are_not() -> None:
    inlet = VideoInlet()
    inlet.offer(picture(0))
    assert instant_at(inlet, 10 * MS) == 0
    for at_ms in (20, 40, 60):
        inlet.offer(picture(at_ms * MS, 300 * MS))
    assert instant_at(inlet, 300 * MS) == 60 * MS


def test_only_a_few_pictures_are_kept() -> None:
    inlet = VideoInlet()
    inlet.offer(picture(0))
    assert instant_at(inlet, 0) == 0
    for number in range(1, 100):
        inlet.offer(picture(number * MS))
    assert instant_at(inlet, 50 * MS) == 96 * MS, (
        "the oldest that is left, as the next one would take its place"
    )
    assert [instant_at(inlet, at_ms * MS) // MS for at_ms in (95, 96, 97, 98, 99)] == [96, 96, 97, 98, 99]


def shown(rate: int, ticks_a_second: int, *, late_ms: int = 0, early_ms: int = 0) -> list[int]:
    """Return the numbers of the pictures that ticks show of a source with so many a second, in its third second and fourth.

    The ticks are late by so much, and its pictures stamped early; a tick asks for the pictures of its middle, 50 ms ago.
    """
    inlet, tick_ns, offered = VideoInlet(), 1000 * MS // ticks_a_second, 0
    seen: list[int] = []
    for tick in range(4 * ticks_a_second):
        deadline_ns = tick * tick_ns
        while (at_ns := offered * 1000 * MS // rate) <= deadline_ns + late_ms * MS:
            inlet.offer(replace(picture(at_ns + early_ms * MS, at_ns), owner=offered))
            offered += 1
        found = inlet.picture_at(deadline_ns + tick_ns // 2 - PICTURE_DELAY_NS)
        if found and tick >= 2 * ticks_a_second:
            seen.append(found.owner)
    return seen


@pytest.mark.parametrize("ticks_a_second", [30, 60])
@pytest.mark.parametrize("rate", [60, 90, 120, 240])
def test_of_a_source_with_more_pictures_than_there_are_ticks_each_tick_shows_another(
    rate: int, ticks_a_second: int
) -> None:
    seen = shown(rate, ticks_a_second)
    assert len(seen) == 2 * ticks_a_second
    assert all(after > before for before, after in pairwise(seen))


@pytest.mark.parametrize(("late_ms", "early_ms"), [(20, 0), (0, 19), (20, 19)])
def test_late_ticks_and_early_stamps_lose_none_of_60_pictures_a_second(late_ms: int, early_ms: int) -> None:
    seen = shown(60, 60, late_ms=late_ms, early_ms=early_ms)
    assert seen == list(range(seen[0], seen[0] + 120))


@pytest.mark.parametrize("ticks_a_second", [5, 15, 30, 60])
@pytest.mark.parametrize("rate", [15, 25, 30])
def test_ordinary_pictures_are_shown_at_their_places(rate: int, ticks_a_second: int) -> None:
    tick_ns = 1000 * MS // ticks_a_second
    asked_ns = [
        tick * tick_ns + tick_ns // 2 - PICTURE_DELAY_NS
        for tick in range(2 * ticks_a_second, 4 * ticks_a_second)
    ]
    sent_ns = [number * 1000 * MS // rate for number in range(5 * rate)]
    sent_by_ns = [at_ns - tick_ns // 2 + PICTURE_DELAY_NS for at_ns in asked_ns]
    right = [
        max(number for number, at_ns in enumerate(sent_ns) if at_ns <= min(asked, sent_by))
        for asked, sent_by in zip(asked_ns, sent_by_ns, strict=True)
    ]
    assert shown(rate, ticks_a_second) == right
