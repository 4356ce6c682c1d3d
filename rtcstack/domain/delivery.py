"""When a delivery is tried again, how an endpoint that fails is treated, and when either is given up. All by the clock alone."""

import random
from dataclasses import dataclass
from enum import StrEnum

_JITTER = 0.2
_OFTEN_S = 120.0
_FIRST_WAIT_S = 3.0
_GROWTH = 1 / 3
_MAX_WAIT_S = 6 * 3600.0
GIVEN_UP_S = 72 * 3600.0
"""A delivery that failed for so long is given up."""
DISABLED_S = 5 * 24 * 3600.0
"""An endpoint that only failed for so long is disabled."""
_QUIET_S = 24 * 3600.0
"""Failures with more than this between them are not taken for one outage."""
OUTAGE = 5
"""After so many failures in a row the endpoint is taken to be down: it gets one try at a time."""
_FIRST_HOLD_S, _MAX_HOLD_S = 2.0, 300.0
_HOLD_GROWTH = 1 / 30
_MAX_RETRY_AFTER_S = 3600.0
LONGEST_HOLD_MS = round(_MAX_RETRY_AFTER_S * 1000)
"""Nothing that an endpoint asks for, nor its failures, has it left alone for longer."""
_GONE = 410


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Health:
    """How an endpoint fares: `failures` since the last delivery, from when; until `held_until_ms` nothing is sent to it."""

    failures: int = 0
    failing_since_ms: int | None = None
    failed_at_ms: int | None = None
    held_until_ms: int | None = None

    @property
    def is_outage(self) -> bool:
        return self.failures >= OUTAGE

    def is_hopeless(self, now_ms: int) -> bool:
        since_ms = self.failing_since_ms
        return since_ms is not None and now_ms - since_ms >= DISABLED_S * 1000

    def after_failure(self, now_ms: int, retry_after_s: float | None, rng: random.Random) -> "Health":
        """Return what follows from one more failure.

        While it is down it is tried every few seconds for two minutes, and then at intervals that grow with the outage to
        five minutes. What it asks for by `Retry-After` is granted, up to an hour.
        """
        is_same_outage = self.failed_at_ms is not None and now_ms - self.failed_at_ms < _QUIET_S * 1000
        since_ms = self.failing_since_ms if is_same_outage and self.failing_since_ms else now_ms
        failures = self.failures + 1
        down_s = (now_ms - since_ms) / 1000
        hold_s = _jittered(_between(_FIRST_HOLD_S, down_s * _HOLD_GROWTH, _MAX_HOLD_S), rng)
        wait_s = max(hold_s if failures >= OUTAGE else 0.0, bounded_retry_after_s(retry_after_s))
        held_ms = max(self.held_until_ms or 0, now_ms + round(wait_s * 1000))
        return Health(failures, since_ms, now_ms, held_ms)


def is_success(status_code: int | None) -> bool:
    """Only 2xx is a delivery; a redirect is not followed and counts as a failure."""
    return status_code is not None and status_code // 100 == 2  # noqa: PLR2004  # 2xx


def is_gone(status_code: int | None) -> bool:
    """410 Gone: the endpoint wants nothing any more (Standard Webhooks 1.0.0)."""
    return status_code == _GONE


def bounded_retry_after_s(asked_s: float | None) -> float:
    return min(max(asked_s or 0.0, 0.0), _MAX_RETRY_AFTER_S)


def retry_in_s(age_s: float, rng: random.Random) -> float | None:
    """Return the seconds until the next try of what was queued `age_s` ago; None when it is given up.

    Every few seconds for the first two minutes, then after a third of its age, at most six hours, with ±20 % jitter; the last
    try is made when it is three days old.
    """
    if age_s >= GIVEN_UP_S:
        return None
    wait_s = _FIRST_WAIT_S if age_s < _OFTEN_S else min(age_s * _GROWTH, _MAX_WAIT_S)
    return min(_jittered(wait_s, rng), max(GIVEN_UP_S - age_s, _FIRST_WAIT_S))


def _jittered(wait_s: float, rng: random.Random) -> float:
    return wait_s * rng.uniform(1 - _JITTER, 1 + _JITTER)


def _between(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))


@dataclass(frozen=True)
class Attempt:
    """What came of one try; `response` is the first 2 KiB of the answer."""

    status_code: int | None
    response: str
    error: str | None
    duration_ms: int
    retry_after_s: float | None = None
