"""A participant whose pictures have absurd sizes: that costs nobody else anything, and the recording goes on."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import Colour, Footage, Thumbnail, at_place, close_to
from tests.integration.egress.recorder.harness import Stagehand

BLUE, RED = (110, 180, 90), (90, 100, 200)
ENCODING = {"width": 640, "height": 360, "framerate": 10}
OURS, THEIRS, ABOVE, EDGE = (160, 180), (480, 180), (480, 70), (340, 180)
"""The middles of both halves; the other one above what 16:9 fills of it, and at its edge, where no initials are."""
ABSURD = [(1, 1), (17, 33), (4000, 16), (3, 1000), (16, 4000), (8192, 64), (2, 2), "noise"]


class _Shapes:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ready(self) -> None:
        assert self._process.stdout
        assert self._process.stdout.readline() == "ok\n", "the participant is gone"

    def send(self, shape: Any) -> None:
        assert self._process.stdin
        print(json.dumps(shape), file=self._process.stdin, flush=True)
        self.ready()


@contextmanager
def _shapes(stage: Stagehand, colour: Colour) -> Iterator[_Shapes]:
    module = "tests.integration.egress.recorder.shapes"
    argv = [sys.executable, "-m", module, stage.livekit.ws_url, stage.token("mallory"), json.dumps(colour)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        shapes = _Shapes(process)
        shapes.ready()
        yield shapes
    finally:
        process.communicate()


def _is(colour: Colour, *where: tuple[int, int]) -> Any:
    return lambda picture: all(close_to(at_place(picture, *place), colour) for place in where)


def _is_wide(picture: Thumbnail) -> bool:
    return bool(_is(RED, THEIRS)(picture) and _is(DARK.background, ABOVE)(picture))


def test_absurd_sizes_harm_neither_the_recording_nor_anybody_else(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, has_audio=False)
    with _shapes(stage, RED) as mallory:
        recorder = stage.record(has_audio=False, encoding=ENCODING).until_started()
        begun_s = recorder.until_shows(lambda picture: _is(BLUE, OURS)(picture) and _is_wide(picture))
        for shape in ((16, 16), (321, 241)):
            mallory.send(shape)
            recorder.until_shows(_is(RED, THEIRS, ABOVE))
        mallory.send((2, 2))
        recorder.until_shows(_is(DARK.placeholder, EDGE))
        for shape in ABSURD:
            mallory.send(shape)
            recorder.wait_until(recorder.now_s() + 0.2)
        mallory.send((640, 360))
        again_s = recorder.until_shows(_is_wide)
        ended = recorder.stop()

    assert (ended.reason, ended.error) == ("stopped", None)
    footage = Footage.read(recorder.file)
    assert abs(footage.pictures[-1][0] + 0.1 - ended.duration_ms / 1000) < 0.04
    assert _is_wide(footage.picture(again_s))
    for at_s, picture in footage.pictures:
        assert at_s < begun_s or close_to(at_place(picture, *OURS), BLUE), (
            f"ann's picture suffers at {at_s} s"
        )
