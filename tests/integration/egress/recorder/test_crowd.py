"""Fifty cameras in one room: everybody is seen from the first frame on, each in a place of their own, told by colour."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from livekit import api

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.crowd import colour
from tests.integration.egress.recorder.footage import Footage, Thumbnail, at_place, close_to
from tests.integration.egress.recorder.harness import PATIENCE_S, Stagehand

PEOPLE, FEW = 50, 9
ENCODING = {"framerate": 10}
COLUMNS, WIDTH, HEIGHT, TOP = 8, 160, 90, 44
"""Seven rows of 160x90, the last one with two places in its middle, leave 44 pixels above them."""
PLACES = [
    ((0 if index < 48 else 480) + index % COLUMNS * WIDTH + 80, TOP + index // COLUMNS * HEIGHT + 45)
    for index in range(PEOPLE)
]
FEW_PLACES = [(214 + column * 426, 120 + row * 240) for row in range(3) for column in range(3)]
EMPTY = (240, 630)
"""Beside the last row."""


@contextmanager
def _crowd(stage: Stagehand) -> Iterator[None]:
    tokens = [stage.token(f"p-{index:02}", f"Person {index}") for index in range(PEOPLE)]
    module = "tests.integration.egress.recorder.crowd"
    argv = [sys.executable, "-m", module, stage.livekit.ws_url, *tokens]
    crowd = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert crowd.stdout
        assert crowd.stdout.readline() == "ok\n", "the crowd did not come"
        yield
    finally:
        crowd.communicate()


async def _until_all_publish(stage: Stagehand) -> None:
    """LiveKit takes a track for published when its first picture has come."""
    async with stage.server() as server, asyncio.timeout(PATIENCE_S):
        while True:
            listed = await server.room.list_participants(api.ListParticipantsRequest(room=stage.room))
            if sum(bool(one.tracks) for one in listed.participants) == PEOPLE:
                return
            await asyncio.sleep(0.1)


def _who(picture: Thumbnail, places: list[tuple[int, int]]) -> set[int]:
    """Return whose colours are seen at the places."""
    seen = {at_place(picture, x, y) for x, y in places}
    return {index for index in range(PEOPLE) if any(close_to(colour(index), one) for one in seen)}


async def test_the_grid_shows_everybody_of_fifty_and_fewer_when_told_so(stage: Stagehand) -> None:
    with _crowd(stage):
        await _until_all_publish(stage)
        recorder = stage.record(has_audio=False, encoding=ENCODING).until_started()
        all_s = recorder.until_shows(lambda picture: len(_who(picture, PLACES)) == PEOPLE)
        await stage.update_layout(f"grid?maxTiles={FEW}")
        few_s = recorder.until_shows(lambda picture: len(_who(picture, FEW_PLACES)) == FEW)
        ended = recorder.stop()

    footage = Footage.read(recorder.file)
    first = footage.pictures[0][1]
    assert all(
        _who(first, [place]) or close_to(at_place(first, *place), DARK.placeholder) for place in PLACES
    ), "nobody's place is empty in the first frame"
    assert close_to(at_place(first, *EMPTY), DARK.background)

    everybody = footage.picture(all_s)
    assert [len(_who(everybody, [place])) for place in PLACES] == [1] * PEOPLE
    assert close_to(at_place(everybody, *EMPTY), DARK.background)
    assert len(_who(footage.picture(few_s), [EMPTY])) == 1, "nine fill the frame"
    assert abs(footage.pictures[-1][0] + 0.1 - ended.duration_ms / 1000) < 0.04
