"""One recording in which somebody comes and goes, with a logo, a clock and a line of text over it: how it begins, how it
changes, and what lies over it, all told from the decoded frames.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from rtcstack.egress.recorder import labels
from rtcstack.egress.recorder.media import PICTURE_DELAY_NS
from rtcstack.egress.recorder.theme import DARK, colour_of, yuv
from rtcstack.settings import Settings
from tests.integration.egress.recorder.footage import Colour, Crop, Footage, at_place, close_to, crops
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart

BLUE, RED, LOGO = (110, 180, 90), (90, 100, 200), 0xE0C020
ANN, BOB, TEXT = "Ann Bo", "Bob Ash", "for the minutes"
FADE_S = 0.24
INK, GLASS = (60, 60), (200, 60)
"""The coloured and the transparent half of the logo."""
CLOCK, LINE = np.s_[16:56, 960:1272], np.s_[664:712, 1000:1272]


@dataclass
class _Film:
    footage: Footage
    clock: list[Crop]
    line: list[Crop]
    began_ns: int
    came_s: float
    """When somebody was told to come: before that the room stood still for two seconds."""

    def course(self, x: int, y: int) -> list[Colour]:
        """What is seen at a place, frame by frame."""
        return [at_place(picture, x, y) for _, picture in self.footage.pictures]


@pytest.fixture(scope="module")
def film(
    settings: Settings, livekit_server: SinglePart, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Film]:
    """Ann's camera at the left, Bob without one at the right; then Cara below both of them, and gone again."""
    del livekit_server  # only has to run
    folder = tmp_path_factory.mktemp("film")
    rgba = np.zeros((100, 300, 4), np.uint8)
    rgba[:, :150] = (*LOGO.to_bytes(3, "big"), 255)
    Image.fromarray(rgba).save(folder / "logo.png")
    stage = Stagehand(settings.livekit, folder / "spool", f"room-{uuid4().hex[:8]}")
    try:
        yield _shoot(stage, {"logo": str(folder / "logo.png"), "text": TEXT, "has_clock": True})
    finally:
        stage.clear()


def _shoot(stage: Stagehand, overlay: dict[str, object]) -> _Film:
    stage.come("ann", name=ANN, colour=BLUE, has_audio=False)
    stage.come("bob", name=BOB, has_video=False, tone_hz=300, amplitude=0.0)
    recorder = stage.record(overlay=overlay, has_audio=False).until_started()
    came_s = recorder.wait_until(3.5)
    cara = stage.come("cara", colour=RED, has_audio=False)
    recorder.until_shows(lambda picture: close_to(at_place(picture, 640, 540), RED))
    recorder.wait_until(recorder.now_s() + 0.5)
    cara.do("leave")
    recorder.until_shows(lambda picture: close_to(at_place(picture, 640, 540), DARK.background))
    recorder.wait_until(recorder.now_s() + 0.5)
    recorder.stop()
    assert recorder.started
    file: Path = recorder.file
    return _Film(Footage.read(file), crops(file, CLOCK), crops(file, LINE), recorder.started.wall_ns, came_s)


def test_the_first_frame_shows_whoever_is_there(film: _Film) -> None:
    at_s, first = film.footage.pictures[0]
    assert at_s == 0
    seen = at_place(first, 320, 360)
    assert close_to(seen, BLUE) or close_to(seen, DARK.placeholder), "black is no participant"
    assert close_to(at_place(first, 660, 200), DARK.placeholder)
    assert close_to(at_place(first, 960, 300), colour_of(BOB)), "the disc with the initials"
    young = [picture for at, picture in film.footage.pictures if at < 0.9]
    seen_young = [at_place(picture, 320, 300) for picture in young]
    came = next(index for index, colour in enumerate(seen_young) if close_to(colour, BLUE))
    assert all(close_to(colour, DARK.placeholder) for colour in seen_young[:came])
    assert all(close_to(colour, BLUE) for colour in seen_young[came:]), "it neither fades nor goes again"


@pytest.mark.parametrize(
    ("place", "before", "between"),
    [((400, 60), DARK.background, BLUE), ((100, 480), BLUE, DARK.background)],
    ids=["what Ann comes to fill", "what she leaves"],
)
def test_people_come_and_go_smoothly(
    film: _Film, place: tuple[int, int], before: Colour, between: Colour
) -> None:
    """Going there and coming back, no frame is ahead of a quarter of a second's fade, and none goes the wrong way."""
    times = np.array([at for at, _ in film.footage.pictures])
    y = np.array([colour[0] for colour in film.course(*place)], float)
    share = (y - before[0]) / (between[0] - before[0])
    young = int(np.argmax(times > 1.2))
    turn = young + int(np.argmax(share[young:] > 0.97))
    for way, at in ((share[young : turn + 1], times[young : turn + 1]), (1 - share[turn:], times[turn:])):
        first = int(np.argmax(way > 0.02))
        done = np.clip((at - at[first - 1]) / FADE_S, 0, 1)
        assert (way <= done**2 * (3 - 2 * done) + 0.08)[first:].all(), "it jumps"
        assert np.diff(way).min() > -0.08, "it turns back in between"
        assert way[0] < 0.05
        assert way[-1] > 0.95


def test_the_logo_lies_at_the_upper_left_all_the_time_and_lets_through_what_is_below(film: _Film) -> None:
    assert all(close_to(colour, yuv(LOGO)) for colour in film.course(*INK))
    through = film.course(*GLASS)
    assert close_to(through[0], DARK.background)
    assert any(close_to(colour, BLUE) for colour in through)


def test_the_line_of_text_lies_at_the_lower_right_and_never_changes(film: _Film) -> None:
    _, width, height = _drawn(TEXT)
    for _, luma in film.line:
        rows, columns = np.nonzero(luma > 160)
        top, bottom = rows.min() + LINE[0].start, rows.max() + LINE[0].start
        left, right = columns.min() + LINE[1].start, columns.max() + LINE[1].start
        assert 700 - height <= top < bottom < 700
        assert 1260 - width <= left < right < 1260
        assert right - left > width / 2
    steady = np.array([luma for _, luma in film.line], float)
    assert np.abs(steady - np.median(steady, axis=0)).mean(axis=(1, 2)).max() < 2


def test_the_clock_says_what_time_it_is(film: _Film) -> None:
    """Of the seconds around a frame's, what the right one looks like is most like what is seen."""
    for at_s, luma in film.clock[20:-1:30]:
        shown_ns = film.began_ns + round(at_s * 1e9) - PICTURE_DELAY_NS
        if 0.2 < shown_ns % 10**9 / 1e9 < 0.7:  # a frame of a machine that is busy may stand for longer
            second = shown_ns // 10**9
            assert min(range(second - 3, second + 4), key=lambda one: _distance(luma, one)) == second


def test_only_the_clock_changes_while_nobody_does_anything(film: _Film) -> None:
    still = [index for index, (at, _) in enumerate(film.clock) if 1.2 < at < film.came_s]
    frames = film.footage.pictures
    moved = [
        frames[later][0]
        for index, later in pairwise(still)
        if np.abs(film.clock[later][1].astype(int) - film.clock[index][1]).max() > 60
    ]
    assert 1 <= len(moved) <= film.came_s
    words = np.zeros((72, 128, 1), bool)
    # Of every tenth pixel: the macroblocks that the clock lies in, which are coded anew, and those of the line of text, whose
    # sharp edges a keyframe draws a little otherwise; it has a test of its own.
    words[:7, 94:] = words[66:, 94:] = True
    first = frames[still[0]][1].astype(int)
    for index in still:
        assert np.abs(np.where(words, 0, frames[index][1] - first)).max() < 40


def _distance(luma: np.ndarray, second: int) -> float:
    text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    drawn, width, height = _drawn(text)
    left, top = 1260 - width - CLOCK[1].start, 20 - CLOCK[0].start
    seen = luma[top : top + height, left : left + width]
    return float(np.abs(seen.astype(int) - drawn).mean())


def _drawn(text: str) -> tuple[np.ndarray, int, int]:
    """Return the luma of a line of text on the background, its width and its height."""
    stamp = labels.written(text, 20, 1240, DARK)
    assert stamp
    shapes = [(stamp.height, stamp.width), *[(stamp.height // 2, stamp.width // 2)] * 2]
    y, u, v = (np.full(shape, value, np.uint8) for shape, value in zip(shapes, DARK.background, strict=True))
    stamp.lay((y, u, v))
    return y, stamp.width, stamp.height
