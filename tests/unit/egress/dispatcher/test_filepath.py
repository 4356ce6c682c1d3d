import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.dispatcher.filepath import object_key
from rtcstack.errors import Invalid

_NOW_NS = 1_700_000_000_000_000_000  # 2023-11-14T22:13:20Z


def _key(filepath: str, room_name: str = "stage") -> str:
    return object_key(filepath, room_name=room_name, room_id="RM_1", now_ns=_NOW_NS)


@pytest.mark.parametrize(
    ("filepath", "key"),
    [
        ("room/2023.mp4", "room/2023.mp4"),
        ("room/2023", "room/2023.mp4"),
        ("", "stage-2023-11-14T221320.mp4"),
        ("a/b/", "a/b/stage-2023-11-14T221320.mp4"),
        ("{room_name}/{room_id}-{utc}.mp4", "stage/RM_1-20231114221320.mp4"),
        ("Büro/ä b.mp4", "Büro/ä b.mp4"),
        ("a..b/..c.mp4", "a..b/..c.mp4"),
    ],
)
def test_a_path_becomes_a_key(filepath: str, key: str) -> None:
    assert _key(filepath) == key


def test_a_room_name_makes_no_folders() -> None:
    assert _key("{room_name}.mp4", "a/../b") == "a-..-b.mp4"


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
    assert key.endswith(".mp4")
    assert not key.startswith("/")
    assert not {"", ".", ".."} & set(key.split("/"))
    assert len(key.encode()) <= 1024
