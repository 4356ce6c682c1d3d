from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.recorder.pressure import STEPS, Pressure

FRAMERATE = 30


class Run:
    """A recorder's ticks, each late or not."""

    def __init__(self) -> None:
        self.pressure = Pressure(FRAMERATE)
        self.tick = 0
        self.pictures = 0

    def go_on(self, seconds: int, late_share: float) -> None:
        for _ in range(seconds * FRAMERATE):
            if self.pressure.is_due(self.tick):
                self.pictures += 1
                self.pressure.note(self.tick, is_late=self.pictures * late_share % 1 >= 1 - late_share)
            self.tick += 1


def test_without_pressure_every_tick_gets_a_picture() -> None:
    run = Run()
    run.go_on(60, late_share=0.01)
    assert run.pictures == run.tick
    assert (run.pressure.every, run.pressure.reduced_ticks) == (1, 0)


def test_one_stall_is_no_pressure_however_long() -> None:
    run = Run()
    run.go_on(5, 0)
    for nth in range(20 * FRAMERATE):
        if run.pressure.is_due(run.tick):
            run.pressure.note(run.tick, is_late=True, goes_on=nth > 0)
        run.tick += 1
    run.go_on(20, 0)
    assert run.pressure.most == 1


def test_it_steps_down_twice_and_not_further() -> None:
    run = Run()
    run.go_on(60, late_share=0.5)
    assert run.pressure.every == STEPS[-1]
    before = run.pictures
    run.go_on(10, late_share=0.5)
    assert run.pictures - before == 10 * FRAMERATE // STEPS[-1]


def test_it_steps_up_again_once_it_is_calm_and_says_how_long_it_was_reduced() -> None:
    run = Run()
    run.go_on(5, late_share=1)
    assert run.pressure.every == 2
    run.go_on(30, late_share=0)
    assert run.pressure.every == 1
    reduced_s = run.pressure.reduced_ticks / FRAMERATE
    assert 9 < reduced_s < 15
    assert run.pressure.most == 2


def test_what_was_too_early_is_waited_for_longer_the_next_time() -> None:
    run = Run()
    calm = []
    for _ in range(3):
        while run.pressure.every == 1:
            run.go_on(1, late_share=1)
        began = run.tick
        while run.pressure.every > 1:
            run.go_on(1, late_share=0)
        calm.append((run.tick - began) // FRAMERATE)
    assert calm[0] < calm[1] < calm[2]


@given(st.lists(st.booleans(), max_size=3000))
def test_whatever_happens_pictures_are_due_at_least_every_third_tick(late: list[bool]) -> None:
    pressure, last = Pressure(FRAMERATE), -1
    for tick, is_late in enumerate(late):
        if pressure.is_due(tick):
            assert tick - last <= STEPS[-1]
            last = tick
            pressure.note(tick, is_late=is_late)
    assert pressure.every in STEPS
