"""How often somebody may call."""

from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.token_bucket import TokenBuckets


class _Now:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def test_a_burst_goes_through_and_then_one_at_a_time() -> None:
    now = _Now()
    buckets = TokenBuckets(2, 3, now)
    assert [buckets.take("ada") for _ in range(3)] == [0, 0, 0]
    assert 0.49 < buckets.take("ada") <= 0.5
    assert buckets.take("grace") == 0
    now.s += 0.5
    assert buckets.take("ada") == 0
    assert buckets.take("ada") > 0


def test_a_call_that_was_refused_costs_nothing() -> None:
    now = _Now()
    buckets = TokenBuckets(1, 1, now)
    buckets.take("ada")
    for _ in range(100):
        assert 0 < buckets.take("ada") <= 1
        assert 0 < buckets.wait_s("ada") <= 1
    now.s += 1
    assert buckets.wait_s("ada") == 0
    assert buckets.take("ada") == 0


def test_what_is_given_back_can_be_taken_again() -> None:
    now = _Now()
    buckets = TokenBuckets(1, 2, now)
    buckets.give_back("ada")
    assert [buckets.take("ada") for _ in range(2)] == [0, 0]
    now.s += 0.25
    buckets.give_back("ada")
    assert buckets.take("ada") == 0
    assert 0 < buckets.take("ada") <= 0.75


def test_looking_counts_nothing() -> None:
    buckets = TokenBuckets(1, 1, _Now())
    assert [buckets.wait_s("ada") for _ in range(5)] == [0] * 5
    assert len(buckets) == 0


def test_only_so_many_are_remembered_and_those_in_debt_longest() -> None:
    now = _Now()
    buckets = TokenBuckets(0.01, 1, now, most=10)
    for n in range(10):
        buckets.take(f"old-{n}")
    buckets.take("new")
    assert len(buckets) == 6
    assert buckets.take("old-9") > 0
    assert buckets.take("old-0") == 0
    now.s += 1000
    for n in range(10):
        buckets.take(f"later-{n}")
    assert len(buckets) <= 10


@given(st.floats(0.1, 50), st.integers(1, 20), st.lists(st.floats(0, 0.5), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_what_the_time_brings(
    per_s: float, burst: int, pauses_s: list[float]
) -> None:
    now = _Now()
    buckets = TokenBuckets(per_s, burst, now)
    began_s, taken = now.s, 0
    for pause_s in pauses_s:
        now.s += pause_s
        taken += buckets.take("ada") == 0
        assert taken <= burst + (now.s - began_s) * per_s + 1e-6
