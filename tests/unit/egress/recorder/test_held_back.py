"""Pictures of whoever is held back: which are kept, and when they are shown."""

import numpy as np

from rtcstack.egress.recorder.media import PICTURE_DELAY_NS, Picture, VideoInlet

MS = 1_000_000
PERIOD_MS = 66
INCIDENTS_MS = ((2000, 2600, 300), (10_000, 10_600, 140))
"""From when until when, and by how much at first."""


def small(instant_ns: int, arrived_ns: int) -> Picture:
    luma, chroma = np.zeros((36, 64), np.uint8), np.zeros((18, 32), np.uint8)
    return Picture((luma, chroma, chroma), 0, arrived_ns, instant_ns)


def arrival_ms(sent_ms: int) -> int:
    """When a picture arrives that a network holds up, twice, by less and less until it has caught up."""
    for begin_ms, end_ms, late_ms in INCIDENTS_MS:
        if begin_ms <= sent_ms < end_ms:
            return sent_ms + late_ms * (end_ms - sent_ms) // (end_ms - begin_ms)
    return sent_ms


def open_inlet() -> VideoInlet:
    inlet = VideoInlet()
    inlet.hold.may_rise = True
    return inlet


def delays_ms(inlet: VideoInlet, size: tuple[int, int] = (64, 36)) -> list[tuple[int, int]]:
    """Return when each picture was first shown, at ticks of a millisecond, and how long after it was sent."""
    width, height = size
    planes = tuple(np.zeros((height // n, width // n), np.uint8) for n in (1, 2, 2))
    arrivals = sorted((arrival_ms(sent_ms), sent_ms) for sent_ms in range(0, 14_000, PERIOD_MS))
    shown: list[tuple[int, int]] = []
    for now_ms in range(14_000):
        while arrivals and arrivals[0][0] <= now_ms:
            arrived_ms, sent_ms = arrivals.pop(0)
            inlet.offer(Picture(planes, 0, arrived_ms * MS, sent_ms * MS))
        found = inlet.picture_at(now_ms * MS - PICTURE_DELAY_NS)
        if found and (not shown or found.instant_ns // MS != shown[-1][1]):
            shown.append((now_ms, found.instant_ns // MS))
    return [(now_ms, now_ms - sent_ms) for now_ms, sent_ms in shown]


def test_pictures_that_a_network_holds_up_are_shown_in_their_rhythm_by_holding_all_back() -> None:
    inlet = open_inlet()
    delays = delays_ms(inlet)
    before = {delay for at_ms, delay in delays if 500 < at_ms < 2000}
    assert before == {50}
    held_ms = inlet.hold.at(14_000 * MS) // MS
    assert 80 < held_ms < 250
    after = [delay for at_ms, delay in delays if at_ms > 3200]
    assert {delay - held_ms for delay in after} <= {50, 51}, "the second time all stand in their place"


def test_of_pictures_there_is_no_room_for_so_many_of_less_is_held_back() -> None:
    inlet = open_inlet()
    delays = delays_ms(inlet, (3840, 2160))
    held_ms = inlet.hold.at(14_000 * MS) // MS
    assert 0 < held_ms < (VideoInlet.FEWEST + 1) * PERIOD_MS - 50
    after = [delay for at_ms, delay in delays if 4000 < at_ms < 9900]
    assert max(after) - min(after) <= PERIOD_MS


def test_who_is_not_held_back_keeps_only_a_few_pictures_also_when_nobody_looks() -> None:
    inlet = VideoInlet()
    for number in range(500):
        inlet.offer(small(number * PERIOD_MS * MS, number * PERIOD_MS * MS))
    assert len(inlet._queue) == VideoInlet.FEWEST


def test_half_a_second_of_1280x720_at_30_a_second_can_be_held_back() -> None:
    inlet, now_ns = open_inlet(), 0
    planes = (np.zeros((720, 1280), np.uint8), *(np.zeros((360, 640), np.uint8) for _ in range(2)))
    for number in range(90):
        now_ns = number * 1000 * MS // 30
        inlet.hold.want(450 * MS, now_ns)
        inlet.offer(Picture(planes, 0, now_ns, now_ns - 1))
        inlet.picture_at(now_ns - PICTURE_DELAY_NS)
    assert inlet.hold.at(now_ns) == 450 * MS


def test_a_picture_without_a_stamp_says_nothing_of_the_others() -> None:
    inlet = open_inlet()
    for number in range(40):
        at_ns = number * PERIOD_MS * MS
        inlet.offer(small(at_ns - 400 * MS, at_ns))
    shift_ns = inlet.lateness.shift_ns
    assert shift_ns > 300 * MS
    inlet.offer(small(40 * PERIOD_MS * MS, 40 * PERIOD_MS * MS))
    assert inlet.lateness.shift_ns == shift_ns
