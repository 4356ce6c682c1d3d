import pytest

from rtcstack.egress.dispatcher.deaths import Deaths


@pytest.mark.parametrize(
    ("deaths", "are_too_many"),
    [
        ([], False),
        ([(0, 5000), (1, 5000)], False),
        ([(0, 5000), (10, 5000), (29, 5000)], True),
        ([(0, 5000), (10, 5000), (31, 5000)], False),
        ([(0, 5000), (100, 5000), (110, 5000), (120, 5000)], True),
        ([(0, 900), (100, 0), (200, 0)], True),
        ([(0, 900), (100, 0), (200, 1000)], False),
    ],
)
def test_three_within_half_a_minute_or_without_a_second_are_too_many(
    deaths: list[tuple[float, int]], are_too_many: bool
) -> None:
    counted = Deaths()
    for now_s, recorded_ms in deaths:
        counted.add(now_s, recorded_ms)
    assert counted.are_too_many is are_too_many
