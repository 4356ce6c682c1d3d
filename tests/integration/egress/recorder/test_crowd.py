"""A room of many: everybody is seen, each in a place of their own, told by the mark in each picture."""

from contextlib import AsyncExitStack

from rtcstack.demo import sight
from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.integration.egress.recorder.harness import Stagehand

PEOPLE = 16
CAMERA = Media(width=320, height=180, framerate=5, bitrate_bps=200_000, microphone=False)


async def test_the_grid_shows_everybody_and_less_when_told_so(stage: Stagehand) -> None:
    seen = {}
    async with AsyncExitStack() as crowd:
        for index in range(PEOPLE):
            token = stage.token(f"p-{index:02}", f"Person {index}")
            await crowd.enter_async_context(Participant(stage.livekit.ws_url, token, index, CAMERA))
        for layout in ("grid", "grid?maxTiles=9"):
            recorder = stage.record(
                layout=layout, has_audio=False, egress_id=f"EG_{len(layout)}"
            ).until_started()
            recorder.wait_until(6.0)
            recorder.stop()
            frames = sight.look(recorder.file, list(range(PEOPLE)), every=5)
            # A mark so small cannot be read in each frame.
            seen[layout] = {index: one for frame in frames for index, one in frame.seen.items()}

    everybody = seen["grid"]
    assert set(everybody) == set(range(PEOPLE))
    corners = {(one.tile.left // 320, one.tile.top // 180) for one in everybody.values()}
    assert corners == {(column, row) for column in range(4) for row in range(4)}
    assert set(seen["grid?maxTiles=9"]) == set(range(9)), "nobody has spoken: those who came first"
