"""Layouts with one large picture: a shared screen before whoever speaks, wide and upright, dark and light."""

import pytest

from rtcstack.egress.recorder.theme import DARK, LIGHT, Theme
from tests.integration.egress.recorder.footage import Colour, Footage, Thumbnail, at_place, close_to
from tests.integration.egress.recorder.harness import Stagehand

BLUE, RED, GREEN = (110, 180, 90), (90, 100, 200), (130, 60, 60)
THEMES = {"dark": DARK, "light": LIGHT}
SMALL = {"width": 320, "height": 180, "fps": 10}
Place = tuple[int, int]
Look = dict[Place, Colour]
"""What is to be seen, and where."""

WIDE = {"large": (512, 360), "first": (1152, 288), "second": (1152, 432), "only": (1152, 360)}
"""1280x720: four fifths of the width are the large picture's, small ones of 256x144 stand at the right."""
WIDE_GROUND = ((512, 30), (512, 690), (1152, 100), (1152, 600))
UPRIGHT = {"large": (360, 573), "first": (240, 1210), "second": (480, 1210), "only": (360, 1210)}
"""720x1280: small ones of 240x134 stand at the bottom, in the middle of their row; all above is the large picture's."""
UPRIGHT_GROUND = ((360, 100), (360, 1050), (60, 1210), (660, 1210))


def _shows(picture: Thumbnail, look: Look) -> bool:
    return all(close_to(at_place(picture, *place), colour) for place, colour in look.items())


def _on(theme: Theme, ground: tuple[Place, ...], look: Look) -> Look:
    return dict.fromkeys(ground, theme.background) | look


@pytest.mark.parametrize(
    ("size", "places", "ground", "tone"),
    [((1280, 720), WIDE, WIDE_GROUND, "dark"), ((720, 1280), UPRIGHT, UPRIGHT_GROUND, "light")],
    ids=["wide", "upright"],
)
async def test_a_screen_is_large_whoever_speaks_and_without_it_whoever_spoke(
    stage: Stagehand, size: tuple[int, int], places: dict[str, Place], ground: tuple[Place, ...], tone: str
) -> None:
    stage.come("ann", colour=BLUE, has_audio=False, **SMALL)
    bob = stage.come("bob", colour=RED, has_audio=False, screen=True, **SMALL)
    cat = stage.come("cat", colour=GREEN, tone_hz=440, amplitude=0.0, **SMALL)
    encoding = {"width": size[0], "height": size[1], "framerate": 15}
    recorder = stage.record(layout=f"speaker-{tone}", encoding=encoding).until_started()
    before, after = THEMES[tone], THEMES["light" if tone == "dark" else "dark"]

    silent = _on(before, ground, {places["large"]: RED, places["first"]: BLUE, places["second"]: GREEN})
    speaking = silent | {places["first"]: GREEN, places["second"]: BLUE}
    turned = speaking | dict.fromkeys(ground, after.background)
    alone = {places["large"]: GREEN, places["only"]: BLUE, **dict.fromkeys(ground, after.background)}
    seen_s = [recorder.until_shows(lambda picture: _shows(picture, silent))]
    cat.do("change", amplitude=0.3)
    seen_s.append(recorder.until_shows(lambda picture: _shows(picture, speaking)))
    await stage.update_layout(f"speaker-{'light' if tone == 'dark' else 'dark'}")
    seen_s.append(recorder.until_shows(lambda picture: _shows(picture, turned)))
    bob.do("leave")
    seen_s.append(recorder.until_shows(lambda picture: _shows(picture, alone)))
    recorder.stop()

    footage = Footage.read(recorder.file)
    for at_s, look in zip(seen_s, (silent, speaking, turned, alone), strict=True):
        assert _shows(footage.picture(at_s), look)
    assert seen_s == sorted(seen_s)


async def test_a_single_speaker_stands_on_the_ground_of_the_layout(stage: Stagehand) -> None:
    """A picture of 4:3 is 960 pixels wide, which leaves ground at its sides."""
    stage.come("ann", colour=BLUE, has_audio=False, width=320, height=240, fps=10)
    stage.come("bob", colour=RED, has_audio=False, **SMALL)
    recorder = stage.record(layout="single-speaker-light").until_started()

    def look(theme: Theme) -> Look:
        return _on(theme, ((80, 360), (1200, 360), (80, 20)), {(180, 360): BLUE, (1090, 360): BLUE})

    light_s = recorder.until_shows(lambda picture: _shows(picture, look(LIGHT)))
    await stage.update_layout("single-speaker-dark")
    dark_s = recorder.until_shows(lambda picture: _shows(picture, look(DARK)))
    recorder.stop()

    footage = Footage.read(recorder.file)
    assert _shows(footage.picture(light_s), look(LIGHT))
    assert _shows(footage.picture(dark_s), look(DARK))
    assert light_s < dark_s
