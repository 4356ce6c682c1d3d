from rtcstack.domain.object_key import download_name, object_key

_AT_MS = 1_713_693_600_999  # 2024-04-21T10:00:00.999Z


def test_the_key_is_the_documents() -> None:
    assert object_key("default", "room-abc", _AT_MS) == "room-abc/2024-04-21T10-00-00.mp4"


def test_a_second_recording_within_the_second_is_numbered() -> None:
    assert object_key("default", "room-abc", _AT_MS, nth=2) == "room-abc/2024-04-21T10-00-00-2.mp4"


def test_other_tenants_have_a_folder_that_no_room_id_can_name() -> None:
    assert object_key("acme", "room-abc", _AT_MS) == "_t/acme/room-abc/2024-04-21T10-00-00.mp4"


def test_downloads_are_named_after_room_and_instant() -> None:
    assert download_name("_t/acme/room-abc/2024-04-21T10-00-00.mp4") == "room-abc-2024-04-21T10-00-00.mp4"
