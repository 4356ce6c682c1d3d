"""What is made ahead comes in order, is bounded, and has ended when the block is left."""

import threading
from collections.abc import Iterator
from itertools import count, islice

import pytest

from rtcstack.media.ahead import ahead

_PATIENCE_S = 20


def test_items_come_in_order_up_to_the_last() -> None:
    with ahead(iter(range(100)), 7) as items:
        assert list(items) == list(range(100))


@pytest.mark.parametrize("number", [0, 1, 3])
def test_fewer_than_could_be_made_ahead(number: int) -> None:
    with ahead(iter(range(number)), 7) as items:
        assert list(items) == list(range(number))


def test_no_more_are_made_ahead_than_was_said() -> None:
    made: list[int] = []
    is_full = threading.Event()

    def making() -> Iterator[int]:
        for number in count():
            made.append(number)
            if number == 5:
                is_full.set()
            yield number

    with ahead(making(), 5) as items:
        assert next(items) == 0
        assert is_full.wait(_PATIENCE_S), "nothing is made ahead"
    assert made == list(range(6))


def test_an_error_is_raised_in_its_place() -> None:
    def making() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("the third")

    taken: list[int] = []
    with pytest.raises(OSError, match="the third"), ahead(making(), 9) as items:
        taken.extend(islice(items, 2))
        next(items)
    assert taken == [1, 2]


def test_nothing_is_being_made_any_more_when_the_block_is_left() -> None:
    goes_on, made = threading.Event(), list[int]()

    def making() -> Iterator[int]:
        yield 0
        goes_on.set()
        for number in range(1, 100_000):
            made.append(number)
            yield number

    with pytest.raises(ValueError, match="enough"), ahead(making(), 3) as items:
        next(items)
        assert goes_on.wait(_PATIENCE_S), "nothing is made ahead"
        raise ValueError("enough")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
    assert len(made) <= 3
