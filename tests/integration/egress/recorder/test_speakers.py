"""Whoever speaks has a ring, and on speaking on is large and keeps it, whoever else says a word, also where no sound is recorded."""

import itertools

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import Footage, Thumbnail, at_place, close_to, still
from tests.integration.egress.recorder.harness import RecorderProcess, Stagehand

ANN, BOB = (110, 180, 90), (90, 100, 200)
COLOURS = {"ann": ANN, "bob": BOB}
SMALL = {"width": 320, "height": 180, "fps": 10}
LARGE, SIDE = (500, 300), (1150, 330)
LEFT, RIGHT = (320, 360), (960, 360)
RINGS = {"large": (180, 3), "side": (180, 515), "left": (180, 3), "right": (180, 635)}
"""Where the frame of each tile is in a still, which has every second pixel: row and column."""
SPEAKING, HEARD, SILENT = 0.3, 0.05, 0.01


def _who(picture: Thumbnail, place: tuple[int, int] = LARGE) -> str | None:
    """Return whose colour is seen there; None while it changes."""
    return next(
        (name for name, colour in COLOURS.items() if close_to(at_place(picture, *place), colour)), None
    )


def _has_ring(recorder: RecorderProcess, at_s: float, where: str) -> bool:
    row, column = RINGS[where]
    edge = still(recorder.file, at_s)[row, max(0, column - 5) : column + 15]
    return any(close_to(tuple(map(int, pixel)), DARK.ring, 24) for pixel in edge)


def _later(recorder: RecorderProcess, seconds: float) -> float:
    return recorder.wait_until(recorder.now_s() + seconds)


def test_who_speaks_evenly_stays_large_whoever_speaks_in_between(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=ANN, tone_hz=440, amplitude=SPEAKING, **SMALL)
    bob = stage.come("bob", colour=BOB, tone_hz=1000, amplitude=0.0, **SMALL)
    recorder = stage.record(layout="speaker").until_started()
    recorder.until_shows(lambda picture: _who(picture) == "ann" and _who(picture, SIDE) == "bob")
    alone_s = _later(recorder, 3)
    bob.do("change", amplitude=SPEAKING)
    both_s = _later(recorder, 5)
    bob.do("change", amplitude=0.0)
    again_s = _later(recorder, 4)
    bob.do("change", amplitude=SPEAKING)
    _later(recorder, 1)
    ann.do("change", amplitude=0.0)
    last_s = recorder.until_shows(lambda picture: _who(picture) == "bob")
    end_s = _later(recorder, 1)
    recorder.stop()

    footage = Footage.read(recorder.file)
    for at_s, tones in ((alone_s, {440}), (both_s, {440, 1000}), (again_s, {440}), (end_s, {1000})):
        for hz in (440, 1000):
            level = footage.level(hz, at_s - 0.3, at_s)
            assert level > HEARD if hz in tones else level < SILENT, (at_s, hz, level)
    large = [_who(picture) for at_s, picture in footage.pictures if at_s >= alone_s]
    assert [who for who, _ in itertools.groupby(who for who in large if who)] == ["ann", "bob"]
    assert {_who(picture) for at_s, picture in footage.pictures if alone_s <= at_s <= again_s} == {"ann"}
    rings = {
        at_s: (_has_ring(recorder, at_s, "large"), _has_ring(recorder, at_s, "side"))
        for at_s in (alone_s, both_s, again_s, end_s)
    }
    assert rings == {
        alone_s: (True, False),
        both_s: (True, True),
        again_s: (True, False),
        end_s: (True, False),
    }
    assert last_s <= end_s


def test_in_the_grid_everybody_keeps_their_place_and_whoever_speaks_has_a_ring(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=ANN, tone_hz=440, amplitude=SPEAKING, **SMALL)
    bob = stage.come("bob", colour=BOB, tone_hz=1000, amplitude=0.0, **SMALL)
    recorder = stage.record(layout="grid").until_started()
    recorder.until_shows(lambda picture: _who(picture, LEFT) == "ann" and _who(picture, RIGHT) == "bob")
    ann_s = _later(recorder, 2)
    ann.do("change", amplitude=0.0)
    bob.do("change", amplitude=SPEAKING)
    bob_s = _later(recorder, 2)
    bob.do("change", amplitude=0.0)
    nobody_s = _later(recorder, 2)
    recorder.stop()

    footage = Footage.read(recorder.file)
    rings = {}
    for at_s in (ann_s, bob_s, nobody_s):
        picture = footage.picture(at_s)
        assert (_who(picture, LEFT), _who(picture, RIGHT)) == ("ann", "bob")
        rings[at_s] = (_has_ring(recorder, at_s, "left"), _has_ring(recorder, at_s, "right"))
    assert rings == {ann_s: (True, False), bob_s: (False, True), nobody_s: (False, False)}


def test_without_sound_whoever_speaks_is_shown_all_the_same(stage: Stagehand) -> None:
    stage.come("ann", colour=ANN, tone_hz=440, amplitude=0.0, **SMALL)
    bob = stage.come("bob", colour=BOB, tone_hz=1000, amplitude=0.0, **SMALL)
    recorder = stage.record(has_audio=False, layout="single-speaker").until_started()
    recorder.until_shows(lambda picture: _who(picture) == "ann")
    silent_s = _later(recorder, 2)
    bob.do("change", amplitude=SPEAKING)
    at_s = recorder.until_shows(lambda picture: _who(picture) == "bob")
    recorder.stop()

    footage = Footage.read(recorder.file)
    assert _who(footage.picture(silent_s)) == "ann"
    for place in ((10, 10), (640, 360), (1270, 710)):
        assert close_to(at_place(footage.picture(at_s), *place), BOB)
    assert footage.sound.size == 0
