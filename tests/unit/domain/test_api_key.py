import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.api_key import Principal, Scope, hash_secret, new_key, parse_key
from rtcstack.errors import Unauthenticated


def test_a_new_key_has_the_documented_shape_and_leads_to_its_hash() -> None:
    key_id, text, secret_hash = new_key()
    assert re.fullmatch(r"rtc_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}", text)
    assert parse_key(text) == (key_id, secret_hash)
    assert hash_secret(text.split("_")[3][:43]) == secret_hash


@given(st.integers(min_value=0), st.sampled_from("0Az"))
def test_one_wrong_character_is_noticed_without_a_look_up(position: int, other: str) -> None:
    _, text, _ = new_key()
    at = len("rtc_live_") + position % (len(text) - len("rtc_live_"))
    wrong = text[:at] + other + text[at + 1 :]
    if wrong != text:
        with pytest.raises(Unauthenticated):
            parse_key(wrong)


@pytest.mark.parametrize(
    "text", ["", "rtc_live_", "Bearer x", "rtc_live_a_b", "rtc_live_" + "ü" * 58, "x" * 10_000]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        parse_key(text)


def test_admin_may_all_and_read_only_reads() -> None:
    def may(holder: Scope) -> list[bool]:
        return [Principal("t", "k", holder).may(needed) for needed in (Scope.READ, Scope.WRITE, Scope.ADMIN)]

    assert may(Scope.READ) == [True, False, False]
    assert may(Scope.WRITE) == [True, True, False]
    assert may(Scope.ADMIN) == [True, True, True]


def test_metrics_stands_beside_the_others() -> None:
    others = (Scope.READ, Scope.WRITE, Scope.ADMIN)
    assert not any(Principal("t", "k", Scope.METRICS).may(needed) for needed in others)
    assert not any(Principal("t", "k", holder).may(Scope.METRICS) for holder in others)
    assert Principal("t", "k", Scope.METRICS).may(Scope.METRICS)
