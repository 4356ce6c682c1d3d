import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.dispatcher.filepath import Names, check_key, names_of
from rtcstack.errors import Invalid

_NOW_NS = 1_700_000_000_123_456_789  # 2023-11-14T22:13:20.123Z


def _names(room_name: str = "stage", **more: object) -> Names:
    return names_of(room_name=room_name, room_id="RM_1", now_ns=_NOW_NS, **more)


def _key(filepath: str, room_name: str = "stage") -> str:
    return check_key(_names(room_name).named(filepath, "filepath"), "filepath")


@pytest.mark.parametrize(
    ("filepath", "key"),
    [
        ("room/2023.mp4", "room/2023.mp4"),
        ("", "stage-2023-11-14T221320"),
        ("a/b/", "a/b/stage-2023-11-14T221320"),
        ("{room_name}/{room_id}-{utc}.mp4", "stage/RM_1-20231114221320123.mp4"),
        ("{track_id}", "{track_id}"),
        ("Büro/ä b.mp4", "Büro/ä b.mp4"),
        ("a..b/..c.mp4", "a..b/..c.mp4"),
    ],
)
def test_a_path_becomes_a_key(filepath: str, key: str) -> None:
    assert _key(filepath) == key


def test_a_room_name_makes_no_folders() -> None:
    assert _key("{room_name}.mp4", "a/../b") == "a-..-b.mp4"


def test_a_track_gives_its_names_once_it_is_there() -> None:
    path = "{publisher_identity}/{track_source}-{track_type}"
    known = {
        "publisher_identity": "ann/1",
        "track_id": "TR_1",
        "track_type": "video",
        "track_source": "camera",
    }
    assert _names(of_source=known, is_of_track=True).fill(path, "filepath") == "ann-1/camera-video"
    with pytest.raises(Invalid, match=r"filename_prefix: \{track_source\} cannot be filled in"):
        _names(of_source={"track_id": "TR_1"}, is_of_track=True).fill("{track_source}", "filename_prefix")


@pytest.mark.parametrize(
    "filepath",
    [
        "/a.mp4",
        "../a.mp4",
        "a/../b.mp4",
        "a/./b.mp4",
        "a//b.mp4",
        "a\\b.mp4",
        "a\x00.mp4",
        "a\n.mp4",
        "a\x7f.mp4",
        "a\u202eb.mp4",
        "x" * 1025,
    ],
)
def test_a_path_that_leads_astray_is_refused(filepath: str) -> None:
    with pytest.raises(Invalid, match="filepath"):
        _key(filepath)


@given(st.text())
def test_whatever_is_accepted_stays_where_it_belongs(filepath: str) -> None:
    try:
        key = _key(filepath)
    except Invalid:
        return
    assert not key.startswith("/")
    assert not {"", ".", ".."} & set(key.split("/"))
    assert len(key.encode()) <= 1024


@pytest.mark.parametrize("name", ["ab\u200ccd", "\U0001f469\u200d\U0001f4bb"])
def test_joiners_are_part_of_names(name: str) -> None:
    assert check_key(f"{name}.mp4", "filepath") == f"{name}.mp4"
