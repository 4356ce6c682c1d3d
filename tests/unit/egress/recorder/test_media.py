import numpy as np

from rtcstack.egress.recorder.media import AudioInlet, Sound


def sound(number: int) -> Sound:
    return Sound(np.full((2400, 2), number, np.int16), number)


def test_frames_come_out_in_order_and_once() -> None:
    inlet = AudioInlet()
    for number in range(5):
        inlet.offer(sound(number))
    assert [taken.arrived_ns for taken in inlet.take()] == [0, 1, 2, 3, 4]
    assert inlet.take() == []
    assert inlet.overflowed == 0


def test_a_full_inlet_drops_the_oldest_and_counts() -> None:
    inlet = AudioInlet()
    for number in range(AudioInlet.LIMIT + 3):
        inlet.offer(sound(number))
    taken = inlet.take()
    assert len(taken) == AudioInlet.LIMIT
    assert taken[0].arrived_ns == 3
    assert inlet.overflowed == 3
