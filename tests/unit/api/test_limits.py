"""Who counts as one caller."""

import pytest

from rtcstack.api.limits import CallLimits
from rtcstack.errors import RateLimited
from rtcstack.settings.guarding import Limits


def _limits(**given: object) -> CallLimits:
    return CallLimits(Limits.model_validate(given), is_loopback=False, now_s=lambda: 1000.0)


def test_on_loopback_they_are_off_unless_asked_for() -> None:
    assert not CallLimits(Limits(), is_loopback=True).is_on
    assert CallLimits(Limits(), is_loopback=False).is_on
    assert CallLimits(Limits(enabled=True), is_loopback=True).is_on
    assert not CallLimits(Limits(enabled=False), is_loopback=False).is_on


def test_an_ipv6_network_is_one_caller() -> None:
    limits = _limits(address_burst=1)
    assert limits.take_address("2001:db8:1:2::1", has_key=False) == 0
    assert limits.take_address("2001:db8:1:2:ffff::9", has_key=False) > 0
    assert limits.take_address("2001:db8:1:3::1", has_key=False) == 0
    assert limits.take_address("203.0.113.7", has_key=False) == 0
    assert limits.take_address("::ffff:203.0.113.7", has_key=False) > 0
    assert limits.take_address("", has_key=False) == 0


def test_after_wrong_keys_no_key_is_looked_at_and_calls_without_one_go_on() -> None:
    limits = _limits(wrong_key_burst=2)
    for _ in range(2):
        assert limits.take_address("203.0.113.7", has_key=True) == 0
        limits.count_wrong_key("203.0.113.7")
    assert 4 < limits.take_address("203.0.113.7", has_key=True) <= 5
    assert limits.take_address("203.0.113.7", has_key=False) == 0
    assert limits.take_address("203.0.113.8", has_key=True) == 0


def test_wrong_links_hold_up_links_and_neither_keys_nor_passwords() -> None:
    limits = _limits(wrong_key_burst=2)
    for _ in range(3):
        limits.count_wrong_link("203.0.113.7")
    with pytest.raises(RateLimited, match="wrong links"):
        limits.check_link("203.0.113.7")
    limits.check_link("203.0.113.8")
    limits.take_sign_in("203.0.113.7")
    assert limits.take_address("203.0.113.7", has_key=True) == 0


def test_wrong_keys_hold_up_no_links() -> None:
    limits = _limits(wrong_key_burst=1)
    limits.count_wrong_key("203.0.113.7")
    limits.check_link("203.0.113.7")
    with pytest.raises(RateLimited):
        limits.take_sign_in("203.0.113.7")


def test_what_is_given_back_was_no_wrong_password() -> None:
    limits = _limits(wrong_key_burst=1)
    for _ in range(3):
        limits.take_sign_in("203.0.113.7")
        limits.give_sign_in_back("203.0.113.7")
    limits.take_sign_in("203.0.113.7")
    with pytest.raises(RateLimited):
        limits.take_sign_in("203.0.113.7")


def test_on_loopback_wrong_links_hold_up_nobody() -> None:
    limits = CallLimits(Limits(wrong_key_burst=1), is_loopback=True)
    limits.count_wrong_link("127.0.0.1")
    limits.check_link("127.0.0.1")
    limits.take_sign_in("127.0.0.1")


def test_each_key_has_calls_of_its_own() -> None:
    limits = _limits(key_burst=1)
    limits.take_key("one")
    limits.take_key("two")
    with pytest.raises(RateLimited) as refused:
        limits.take_key("one")
    assert 0 < refused.value.retry_after_s <= 0.005


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.2", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "198.51.100.1, 203.0.113.7, 10.0.0.3", "203.0.113.7"),
        ("::ffff:10.0.0.2", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.2", "10.0.0.9", "10.0.0.9"),
        ("10.0.0.2", "what?", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.7, what?", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("203.0.113.9", "203.0.113.7", "203.0.113.9"),
        ("", "203.0.113.7", ""),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str | None, caller: str) -> None:
    limits = _limits(trusted_proxies=["10.0.0.0/8"])
    assert limits.address_of(peer, forwarded) == caller


def test_without_proxies_nobody_is_believed() -> None:
    assert _limits().address_of("10.0.0.2", "203.0.113.7") == "10.0.0.2"
