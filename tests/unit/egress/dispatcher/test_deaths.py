import pytest

from rtcstack.egress.dispatcher.deaths import Deaths


@pytest.mark.parametrize(
    ("deaths", "are_too_many"),
    [
        ([], False),
        ([(0, 5), (1, 5)], False),
        ([(0, 5), (10, 5), (29, 5)], True),
        ([(0, 5), (10, 5), (31, 5)], False),
        ([(0, 5), (100, 5), (110, 5), (120, 5)], True),
        ([(0, 0.9), (100, 0), (200, 0)], True),
        ([(0, 0.9), (100, 0), (200, 1)], False),
    ],
)
def test_three_within_half_a_minute_or_that_did_not_live_a_second_are_too_many(
    deaths: list[tuple[float, float]], are_too_many: bool
) -> None:
    counted = Deaths()
    for now_s, lived_s in deaths:
        counted.add(now_s, lived_s)
    assert counted.are_too_many is are_too_many
