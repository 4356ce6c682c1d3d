import json
import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from rtcstack.domain.webhook import new_secret, retry_in_s, sign

_DAY_S = 24 * 3600


@given(st.binary(max_size=2000))
def test_signatures_are_those_of_the_standard_webhooks_package(body: bytes) -> None:
    secret, at_s = new_secret(), 1_700_000_000
    text = body.decode("latin-1")
    theirs = Webhook(secret).sign("evt_1", datetime.fromtimestamp(at_s, UTC), text)
    assert sign(secret, "evt_1", at_s, text.encode()) == theirs


def test_a_receiver_with_the_package_accepts_what_we_send() -> None:
    secret, now_s = new_secret(), int(time.time())
    body = json.dumps({"event": "egress_ended"}).encode()
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(now_s),
        "webhook-signature": sign(secret, "evt_1", now_s, body),
    }
    assert Webhook(secret).verify(body, headers) == {"event": "egress_ended"}


def test_the_schedule_tries_often_for_two_minutes_and_ends_after_three_days() -> None:
    waits = [wait for n in range(1, 100) if (wait := retry_in_s(n, random.Random(1))) is not None]
    instants = [sum(waits[: i + 1]) for i in range(len(waits))]
    assert sum(1 for at in instants if at <= 150) >= 5
    assert 2.5 * _DAY_S < instants[-1] < 4 * _DAY_S


@given(st.integers(min_value=1, max_value=14), st.integers())
def test_jitter_stays_within_a_fifth(attempts: int, seed: int) -> None:
    base = retry_in_s(attempts, _NoJitter())
    wait = retry_in_s(attempts, random.Random(seed))
    assert base is not None
    assert wait is not None
    assert wait == pytest.approx(base, rel=0.2001)


class _NoJitter(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2
