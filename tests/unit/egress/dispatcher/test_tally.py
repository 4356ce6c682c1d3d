"""What recorders have done is added up, over several of them, and only ever grows."""

from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.tally import Tally
from rtcstack.egress.job import Progress


def _said(second: int, *, every: int = 1, late: int = 0, frames: int | None = None) -> Progress:
    made = 30 * second if frames is None else frames
    return Progress(second * 1000, made, late, second, 100 * second, 1 << 20, every)


def test_what_is_said_again_counts_once() -> None:
    load = RecorderLoad(30)
    for second, late in ((1, 0), (2, 3), (3, 3)):
        load.note(_said(second, late=late), float(second))
    assert (load.tally.frames, load.tally.late, load.tally.dropped, load.tally.cpu_ms) == (90, 3, 3, 300)
    assert (load.tally.left_out, load.tally.steps_down) == (0, 0)


def test_pictures_that_are_left_out_on_purpose_are_counted_and_so_is_each_step_down() -> None:
    load = RecorderLoad(30)
    load.note(_said(1), 1.0)
    load.note(_said(2, every=2, frames=45), 2.0)
    load.note(_said(3, every=3, frames=55), 3.0)
    load.note(_said(4, every=1, frames=85), 4.0)
    assert round(load.tally.left_out) == 15 + 20
    assert load.tally.steps_down == 2


def test_a_recorder_that_takes_another_s_place_begins_at_zero() -> None:
    load = RecorderLoad(30)
    load.note(_said(10), 10.0)
    load.note(_said(1), 12.0)
    load.note(_said(2), 13.0)
    assert (load.tally.frames, load.tally.cpu_ms) == (360, 1200)


def test_tallies_add_up() -> None:
    total, one = Tally(frames=1), Tally(frames=2, late=3, died=1)
    total.add(one)
    total.add(one)
    assert total == Tally(frames=5, late=6, died=2)
