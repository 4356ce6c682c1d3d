"""Schedules and health by the clock alone."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.delivery import (
    DISABLED_S,
    GIVEN_UP_S,
    OUTAGE,
    Health,
    bounded_retry_after_s,
    is_gone,
    is_success,
    retry_in_s,
)

_DAY_S = 24 * 3600
_SEEDS = st.integers(min_value=0, max_value=2**32)


class _NoJitter(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def _tries(rng: random.Random) -> list[float]:
    """Return the instants of all tries of a delivery that always fails, in seconds since it was queued."""
    instants = [0.0]
    while (wait_s := retry_in_s(instants[-1], rng)) is not None:
        instants.append(instants[-1] + wait_s)
    return instants


@given(_SEEDS)
def test_tries_come_every_few_seconds_for_two_minutes_then_ever_more_slowly_for_three_days(seed: int) -> None:
    instants = _tries(random.Random(seed))
    waits = [later - earlier for earlier, later in itertools.pairwise(instants)]
    early = [wait for at, wait in zip(instants, waits, strict=False) if at < 120]
    assert len(early) >= 30
    assert all(2.4 <= wait <= 3.6 for wait in early)
    late = [(at, wait) for at, wait in zip(instants, waits, strict=False) if at >= 120][:-1]
    assert all(min(at / 3, 6 * 3600) * 0.79 <= wait <= min(at / 3, 6 * 3600) * 1.21 for at, wait in late)
    assert GIVEN_UP_S <= instants[-1] <= GIVEN_UP_S + 4
    assert len(instants) < 100


def test_without_jitter_no_wait_is_shorter_than_the_one_before() -> None:
    instants = _tries(_NoJitter())
    waits = [later - earlier for earlier, later in itertools.pairwise(instants)]
    assert waits[:-1] == sorted(waits[:-1])


@given(st.floats(min_value=0, max_value=GIVEN_UP_S - 1), _SEEDS)
def test_jitter_stays_within_a_fifth(age_s: float, seed: int) -> None:
    base, wait = retry_in_s(age_s, _NoJitter()), retry_in_s(age_s, random.Random(seed))
    assert base is not None
    assert wait is not None
    assert min(0.799 * base, GIVEN_UP_S - age_s) <= wait <= 1.5000001 * max(base, 3)


@pytest.mark.parametrize("age_s", [0, 60, 600, _DAY_S])
def test_two_that_wait_for_as_long_are_not_tried_at_the_same_instant(age_s: float) -> None:
    base = retry_in_s(age_s, _NoJitter())
    first, second = (retry_in_s(age_s, random.Random(seed)) for seed in (1, 2))
    assert base is not None
    assert first is not None
    assert second is not None
    assert first != second
    assert all(0.8 * base <= wait <= 1.2 * base for wait in (first, second))


@pytest.mark.parametrize("down_s", [0, 600, _DAY_S])
def test_two_endpoints_that_are_down_for_as_long_are_not_looked_at_in_the_same_instant(down_s: int) -> None:
    now_ms = 1_000_000_000
    down = Health(OUTAGE, now_ms - down_s * 1000, now_ms - 1000, None)
    held = [
        down.after_failure(now_ms, None, rng).held_until_ms
        for rng in (_NoJitter(), random.Random(1), random.Random(2))
    ]
    base_ms, first_ms, second_ms = ((at_ms or 0) - now_ms for at_ms in held)
    assert first_ms != second_ms
    assert all(0.8 * base_ms - 1 <= wait_ms <= 1.2 * base_ms + 1 for wait_ms in (first_ms, second_ms))


@given(st.lists(st.floats(min_value=0.001, max_value=3600), min_size=1, max_size=60), _SEEDS)
def test_an_endpoint_that_fails_is_left_alone_for_a_while_that_is_bounded(
    gaps_s: list[float], seed: int
) -> None:
    health, now_ms, rng = Health(), 1_000_000, random.Random(seed)
    for gap_s in gaps_s:
        now_ms += round(gap_s * 1000) + 1
        before = health
        health = health.after_failure(now_ms, None, rng)
        assert health.failures == before.failures + 1
        assert health.failing_since_ms == before.failing_since_ms or before.failing_since_ms is None
        assert health.held_until_ms is not None
        held_s = (health.held_until_ms - now_ms) / 1000
        assert held_s <= 360
        assert health.is_outage == (health.failures >= OUTAGE)
        if health.is_outage:
            assert held_s >= 1.6


def test_for_two_minutes_an_outage_is_looked_at_every_few_seconds() -> None:
    health, now_ms, rng = Health(), 1_000_000, random.Random(1)
    while now_ms < 1_120_000:
        health = health.after_failure(now_ms, None, rng)
        assert health.held_until_ms is not None
        assert health.held_until_ms - now_ms <= 4_800
        now_ms = max(health.held_until_ms, now_ms + 1)


def test_failures_with_a_quiet_day_between_are_no_outage() -> None:
    rng = random.Random(1)
    health = Health().after_failure(0, None, rng)
    for day in range(1, 30):
        health = health.after_failure(day * (_DAY_S + 1) * 1000, None, rng)
        assert not health.is_hopeless(day * (_DAY_S + 1) * 1000)


def test_after_five_days_of_failures_it_is_hopeless() -> None:
    health, rng, now_ms = Health(), random.Random(1), 0
    while now_ms < DISABLED_S * 1000:
        health = health.after_failure(now_ms + 1, None, rng)
        assert not health.is_hopeless(now_ms + 1)
        now_ms += 3600_000
    assert health.after_failure(now_ms + 1, None, rng).is_hopeless(now_ms + 1)


def test_what_it_asks_for_is_granted_up_to_an_hour() -> None:
    rng = random.Random(1)
    assert Health().after_failure(1000, 120, rng).held_until_ms == 121_000
    assert Health().after_failure(1000, 10**9, rng).held_until_ms == 3_601_000
    assert [bounded_retry_after_s(s) for s in (None, -5, 0, 60, 1e12)] == [0, 0, 0, 60, 3600]


def test_only_2xx_is_a_delivery_and_only_410_ends_all() -> None:
    assert [status for status in (None, 199, 200, 204, 299, 301, 304, 400, 410, 500) if is_success(status)] == [
        200, 204, 299,
    ]  # fmt: skip
    assert [status for status in (None, 200, 404, 410) if is_gone(status)] == [410]
