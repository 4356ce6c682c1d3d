"""Passwords and sessions of the dashboard."""

import base64
import hashlib

import pytest

from rtcstack.domain.admin_user import (
    IDLE_MS,
    LONGEST_MS,
    Session,
    check_name,
    check_password,
    csrf_token,
    hash_password,
    hash_token,
    is_password,
    new_password,
    new_token,
)
from rtcstack.errors import Invalid


def test_only_the_password_itself_is_taken() -> None:
    stored = hash_password("correct horse battery")
    assert stored.startswith("scrypt$32768$8$3$")
    assert "correct" not in stored
    assert is_password("correct horse battery", stored)
    assert not is_password("correct horse batterY", stored)
    assert hash_password("correct horse battery") != stored, "each has a salt of its own"


def test_a_password_that_was_stored_at_another_cost_still_counts() -> None:
    salt = b"salt" * 4
    made = hashlib.scrypt(b"a password of 1", salt=salt, n=1024, r=8, p=1, dklen=32)
    cheap = f"scrypt$1024$8$1${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"
    assert is_password("a password of 1", cheap)
    assert not is_password("a password of 2", cheap)


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257])
def test_a_password_that_is_too_short_or_too_long_is_none(password: str) -> None:
    with pytest.raises(Invalid, match="12 to 256"):
        check_password(password)


def test_a_new_password_is_long_and_another_one_each_time() -> None:
    made = {check_password(new_password()) for _ in range(50)}
    assert len(made) == 50
    assert all(len(password.replace("-", "")) == 20 for password in made)


@pytest.mark.parametrize("name", ["", "-x", "Ada", "a b", "a" * 65, "a\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_name(name)


def test_the_token_can_be_told_neither_from_the_database_nor_from_a_form() -> None:
    token = new_token()
    assert len({token, hash_token(token), csrf_token(token)}) == 3
    assert csrf_token(token) != csrf_token(new_token())


def test_a_session_ends_when_it_is_not_used_and_at_the_latest_after_a_week() -> None:
    session = Session("h", "adm_1", "admin", "default", created_at_ms=0, seen_at_ms=1000)
    assert not session.is_over(IDLE_MS + 999)
    assert session.is_over(IDLE_MS + 1000)
    used = Session("h", "adm_1", "admin", "default", created_at_ms=0, seen_at_ms=LONGEST_MS - 1)
    assert not used.is_over(LONGEST_MS - 1)
    assert used.is_over(LONGEST_MS)
