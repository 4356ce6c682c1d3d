"""More cameras than tiles: whoever speaks gets a tile, whoever has been silent for longest gives it up."""

import itertools

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import Footage, Thumbnail, at_place, close_to
from tests.integration.egress.recorder.harness import Participant, Stagehand

COLOURS = {"ann": (110, 180, 90), "bob": (90, 100, 200), "cat": (130, 60, 60), "dan": (100, 190, 190)}
TONES = {"ann": 440, "bob": 700, "cat": 1000, "dan": 1400}
PLACES = ((320, 360), (960, 360))
"""Two tiles of 640x720, with pictures of 16:9 in their middle."""
BETWEEN = (640, 90)
SMALL = {"width": 320, "height": 180, "fps": 10}
SPEAKING, HEARD, SILENT = 0.3, 0.05, 0.01


def _who(picture: Thumbnail) -> tuple[str | None, ...]:
    """Return who is seen in each of the two tiles; None in one that is just changing."""
    return tuple(
        next((name for name, colour in COLOURS.items() if close_to(at_place(picture, *place), colour)), None)
        for place in PLACES
    )


def _come(stage: Stagehand) -> dict[str, Participant]:
    """Everybody has a camera and a microphone, and nobody says a word."""
    return {
        name: stage.come(name, colour=colour, tone_hz=TONES[name], amplitude=0.0, **SMALL)
        for name, colour in COLOURS.items()
    }


def _tell(people: dict[str, Participant], speaking: str) -> None:
    for name, person in people.items():
        person.do("change", amplitude=SPEAKING if name == speaking else 0.0)


def test_of_four_cameras_two_are_seen_those_of_who_spoke_last(stage: Stagehand) -> None:
    people = _come(stage)
    recorder = stage.record(layout="grid?maxTiles=2").until_started()
    seen = {"": recorder.until_shows(lambda picture: _who(picture) == ("ann", "bob"))}
    # Those who remain stand in the order of joining, whoever of them speaks.
    expected = {"dan": ("ann", "dan"), "cat": ("cat", "dan"), "ann": ("ann", "cat")}
    for name, shown in expected.items():
        _tell(people, name)
        seen[name] = recorder.until_shows(lambda picture, shown=shown: _who(picture) == shown)
    recorder.stop()

    footage = Footage.read(recorder.file)
    pairs = [_who(picture) for _, picture in footage.pictures]
    whole = [pair for pair, _ in itertools.groupby(pair for pair in pairs if None not in pair)]
    assert whole == [("ann", "bob"), *expected.values()]
    for speaking, at_s in seen.items():
        assert close_to(footage.colour(at_s, *BETWEEN), DARK.background)
        for name, hz in TONES.items():
            level = footage.level(hz, at_s - 0.3, at_s)
            assert level > HEARD if name == speaking else level < SILENT, (speaking, name, level)
