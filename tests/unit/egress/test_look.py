import pytest

from rtcstack.egress.look import LAYOUTS, Look, check_layout, read_look
from rtcstack.errors import Invalid


def test_livekits_names_are_known() -> None:
    assert LAYOUTS == (
        "grid",
        "grid-light",
        "grid-dark",
        "speaker",
        "speaker-light",
        "speaker-dark",
        "single-speaker",
        "single-speaker-light",
        "single-speaker-dark",
    )
    for name in LAYOUTS:
        look = read_look(name)
        assert name.startswith(look.shape)
        assert look.is_light == name.endswith("light")


def test_nothing_asked_is_the_dark_grid() -> None:
    assert read_look("") == Look() == read_look("grid-dark")
    assert check_layout("") == "grid"


def test_the_number_of_tiles_stands_behind_the_name() -> None:
    assert read_look("grid-light?maxTiles=9") == Look("grid", is_light=True, max_tiles=9)


@pytest.mark.parametrize(
    "name", ["mosaic", "grid-pink", "Grid", "grid?maxTiles=0", "grid?maxTiles=100", "grid?x=1", "grid\n"]
)
def test_others_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(Invalid, match="single-speaker-dark"):
        read_look(name)
