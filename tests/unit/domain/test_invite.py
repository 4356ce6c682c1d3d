"""What a link says, and that nobody can change it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.invite import Invite, check_guest_name, link_key, read, sign
from rtcstack.domain.room import Role, check_room_id
from rtcstack.errors import Invalid, LinkExpired, LinkInvalid

_KEY = link_key("a secret of LiveKit")
_NOW_MS = 1_713_693_600_000
_INVITE = Invite("acme", "room-abc", "viewer", _NOW_MS // 1000 + 60)
_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}", fullmatch=True)
_ROLES: st.SearchStrategy[Role] = st.sampled_from(["participant", "host", "viewer"])


@given(_IDS, _IDS, _ROLES, st.integers(1, 10**10))
def test_a_link_says_what_was_signed(tenant: str, room: str, role: Role, ttl_s: int) -> None:
    invite = Invite(tenant, room, role, _NOW_MS // 1000 + ttl_s)
    link = sign(invite, _KEY)
    assert read(link, _KEY, _NOW_MS) == invite
    assert set(link) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.")


def test_a_link_is_over_with_its_last_second() -> None:
    link = sign(_INVITE, _KEY)
    assert read(link, _KEY, _INVITE.expires_at_s * 1000 - 1) == _INVITE
    with pytest.raises(LinkExpired):
        read(link, _KEY, _INVITE.expires_at_s * 1000)


def test_no_character_of_a_link_can_be_changed() -> None:
    link = sign(_INVITE, _KEY)
    for at in range(1, len(link)):
        for char in "A_.~":
            changed = link[:at] + char + link[at + 1 :]
            if changed == link:
                continue
            with pytest.raises(LinkInvalid):
                read(changed, _KEY, _NOW_MS)


def test_a_link_of_another_tenant_room_or_role_needs_another_signature() -> None:
    mine = sign(_INVITE, _KEY)
    body, _, mac = mine.partition(".")
    for other in (
        Invite("default", "room-abc", "viewer", _INVITE.expires_at_s),
        Invite("acme", "room-abd", "viewer", _INVITE.expires_at_s),
        Invite("acme", "room-abc", "host", _INVITE.expires_at_s),
        Invite("acme", "room-abc", "viewer", _INVITE.expires_at_s + 1),
    ):
        theirs = sign(other, _KEY)
        assert theirs.partition(".")[2] != mac
        with pytest.raises(LinkInvalid):
            read(f"{theirs.partition('.')[0]}.{mac}", _KEY, _NOW_MS)
    assert read(f"{body}.{mac}", _KEY, _NOW_MS) == _INVITE


def test_a_link_of_another_server_is_refused() -> None:
    with pytest.raises(LinkInvalid):
        read(sign(_INVITE, link_key("another secret")), _KEY, _NOW_MS)


@given(st.text(max_size=200))
def test_nothing_else_that_bears_the_mark_is_a_link(text: str) -> None:
    with pytest.raises(LinkInvalid):
        read(f"~{text}", _KEY, _NOW_MS)


@given(_IDS)
def test_whatever_a_room_may_be_called_is_its_bare_name(room: str) -> None:
    assert check_room_id(room) == room
    invite = read(room, _KEY, _NOW_MS)
    assert (invite.tenant_id, invite.room_id, invite.role, invite.is_open) == (
        "default",
        room,
        "participant",
        True,
    )


@pytest.mark.parametrize(
    ("given_name", "shown"), [(" Ada  Lovelace ", "Ada Lovelace"), ("👩‍💻 Ünal", "👩‍💻 Ünal")]
)
def test_a_name_is_one_line(given_name: str, shown: str) -> None:
    assert check_guest_name(given_name) == shown


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\x1b[2J", "Ada\u202enimda", "\ud800"])
def test_what_cannot_be_read_is_no_name(name: str) -> None:
    with pytest.raises(Invalid):
        check_guest_name(name)
