import pytest

from rtcstack.domain.pauses import Pauses, outside


@pytest.mark.parametrize(
    ("pauses", "left"),
    [
        ((), 10),
        (((2, 5),), 10),
        (((0, 12), (13, 15)), 6),
        (((15, None),), 5),
        (((0, 5), (25, None)), 10),
        (((0, None),), 0),
        (((8, 11), (19, 30)), 8),
    ],
    ids=["none", "before", "into it and in it", "not over", "none in it", "all of it", "at both ends"],
)
def test_what_is_left_of_ten_to_twenty(pauses: Pauses, left: int) -> None:
    assert outside(10, 20, pauses) == left


def test_of_nothing_nothing_is_left() -> None:
    assert outside(20, 10, ((5, None),)) == 0
