import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.object_key import ParsedKey, download_name, folder, object_key, parse_object_key

_AT_MS = 1_713_693_600_999  # 2024-04-21T10:00:00.999Z


def test_the_key_is_the_documents() -> None:
    assert object_key("default", "room-abc", _AT_MS) == "room-abc/2024-04-21T10-00-00.mp4"


def test_a_second_recording_within_the_second_is_numbered() -> None:
    assert object_key("default", "room-abc", _AT_MS, nth=2) == "room-abc/2024-04-21T10-00-00-2.mp4"


def test_other_tenants_have_a_folder_that_no_room_id_can_name() -> None:
    assert object_key("acme", "room-abc", _AT_MS) == "_t/acme/room-abc/2024-04-21T10-00-00.mp4"


def test_downloads_are_named_after_room_and_instant() -> None:
    assert download_name("_t/acme/room-abc/2024-04-21T10-00-00.mp4") == "room-abc-2024-04-21T10-00-00.mp4"


@given(
    tenant=st.sampled_from(["default", "acme", "a-1"]),
    room=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}", fullmatch=True),
    at_s=st.integers(0, 4_102_444_800),
    nth=st.integers(1, 999_999),
)
def test_every_key_of_ours_is_read_back(tenant: str, room: str, at_s: int, nth: int) -> None:
    key = object_key(tenant, room, at_s * 1000, nth=nth)
    assert parse_object_key(key) == ParsedKey(tenant, room, at_s * 1000)
    assert key.startswith(folder(tenant, room))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "room-abc/2024-04-21T10-00-00.mp4.part",
        "room-abc/2024-02-31T10-00-00.mp4",
        "room-abc/clips/2024-04-21T10-00-00.mp4",
        "room-abc/2024-04-21T10-00-00-0.mp4",
        "room-abc/2024-04-21T10-00-00.mp4\n",
        "_t/acme/2024-04-21T10-00-00.mp4",
        "/2024-04-21T10-00-00.mp4",
        "room-abc/\u0662024-04-21T10-00-00.mp4",
    ],
)
def test_other_keys_are_not_recordings(key: str) -> None:
    assert parse_object_key(key) is None
