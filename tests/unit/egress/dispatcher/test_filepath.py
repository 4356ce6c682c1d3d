import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.object_key import index_key
from rtcstack.egress.dispatcher.filepath import Names, check_file_key, check_key, names_of
from rtcstack.errors import Invalid

_NOW_NS = 1_700_000_000_123_456_789  # 2023-11-14T22:13:20.123Z


def _names(room_name: str = "stage", **more: object) -> Names:
    return names_of(room_name=room_name, room_id="RM_1", now_ns=_NOW_NS, **more)


def _key(filepath: str, room_name: str = "stage") -> str:
    return check_file_key(_names(room_name).named(filepath, "filepath"), "filepath")


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


@pytest.mark.parametrize(
    ("filepath", "key"),
    [
        ("{room_name}-{time}.mp4", "a{utc}-2023-11-14T221320.mp4"),
        ("", "a{utc}-2023-11-14T221320"),
        ("b/", "b/a{utc}-2023-11-14T221320"),
    ],
)
def test_a_room_name_is_no_template(filepath: str, key: str) -> None:
    assert _key(filepath, "a{utc}") == key


def test_a_room_name_asks_for_nothing_of_a_track() -> None:
    names = _names("{track_id}", default_name="{track_id}-{room_name}", of_source={"track_id": "TR_{time}"})
    assert names.named("{room_name}/", "filepath") == "{track_id}/TR_{time}-{track_id}"
    unknown = _names("{track_source}", is_of_track=True)
    assert unknown.named("", "filepath") == "{track_source}-2023-11-14T221320"


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
        "x/" * 512 + "y",
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
    for made in (key, index_key(key)):
        assert len(made.encode()) <= 1024
        assert max(len(name.encode()) for name in made.split("/")) <= 255


@pytest.mark.parametrize("ending", [".mp4", ".ogg"])
def test_a_file_may_be_called_so_that_its_index_has_the_longest_name_there_is(ending: str) -> None:
    room = len("a.index.json.gz") - len("a.mp4") if ending == ".mp4" else len(".index.json.gz")
    longest = "会" * 70 + "x" * (255 - room - 210 - len(ending)) + ending
    assert len(index_key(longest).encode()) == 255
    assert _key(f"{'d' * 255}/{longest}") == f"{'d' * 255}/{longest}"
    with pytest.raises(
        Invalid, match=r"has 255 bytes at most, and this would have 256: x会+…x+\S*\.index\.json\.gz$"
    ):
        _key(f"x{longest}")
    with pytest.raises(Invalid, match="filepath: a name between slashes has 255 bytes at most"):
        _key(f"{'d' * 256}/a{ending}")


def test_a_key_may_be_so_long_that_its_index_has_the_longest_one_there_is() -> None:
    longest = "x/" * 504 + "yy.mp4"
    assert len(index_key(longest)) == 1024
    assert _key(longest) == longest
    with pytest.raises(
        Invalid, match="filepath: a key has 1024 bytes at most, and this would have 1025: zx/x/"
    ):
        _key(f"z{longest}")


def test_a_long_room_name_is_too_long_for_the_name_it_gives() -> None:
    with pytest.raises(Invalid, match=r"this would have 262: 会+…会+-2023-11-14T221320\.mp4"):
        check_file_key(_names("会" * 80).named("", "filepath") + ".mp4", "filepath")


@pytest.mark.parametrize("name", ["ab\u200ccd", "\U0001f469\u200d\U0001f4bb"])
def test_joiners_are_part_of_names(name: str) -> None:
    assert check_key(f"{name}.mp4", "filepath") == f"{name}.mp4"
