import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.room import check_room_id, livekit_name, parse_livekit_name
from rtcstack.errors import Invalid

_FIRST = string.ascii_letters + string.digits
_ROOM_IDS = st.builds(lambda a, b: a + b, st.sampled_from(_FIRST), st.text(_FIRST + "._~-", max_size=127))


@given(_ROOM_IDS)
def test_ids_of_the_allowed_letters_pass(room_id: str) -> None:
    assert check_room_id(room_id) == room_id


@pytest.mark.parametrize(
    "room_id", ["", "-a", ".", "..", "_t", "a/b", "a:b", "a|b", "a b", "ä", "a\n", "a" * 129, "a\0"]
)
def test_other_ids_are_refused(room_id: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_room_id(room_id)
    assert caught.value.word == "invalid_room_id"


@given(st.text(string.ascii_lowercase + "-", min_size=1), _ROOM_IDS)
def test_the_name_in_livekit_leads_back_to_tenant_and_room(tenant_id: str, room_id: str) -> None:
    assert parse_livekit_name(livekit_name(tenant_id, room_id)) == (tenant_id, room_id)


def test_the_default_tenants_rooms_have_their_own_names() -> None:
    assert livekit_name("default", "room-abc") == "room-abc"
    assert livekit_name("acme", "room-abc") == "acme:room-abc"
