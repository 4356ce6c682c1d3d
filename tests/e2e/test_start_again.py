"""A worker that hangs as a recording is started: the start is tried again, and makes one recording."""

import asyncio

from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

_WAIT_S = 60
_FILM_S = 1.5


async def _until_logged(appliance: Appliance, *words: str) -> None:
    """Return once a line of the API's log has all of these words."""
    file = appliance.data / "logs" / "api.log"
    async with asyncio.timeout(_WAIT_S):
        while not any(
            all(word in line for word in words) for line in file.read_text(encoding="utf-8").splitlines()
        ):
            await asyncio.sleep(0.1)


async def test_a_worker_that_hangs_at_a_start_is_waited_for_and_the_second_try_records(
    caller: Caller, appliance: Appliance
) -> None:
    room = await caller.room("again")
    await caller.join(room, 0)
    with appliance.holding("egress"):
        starting = asyncio.create_task(caller.start(room))
        await _until_logged(appliance, "recording start failed", room)
    started = await starting
    assert started["status"] == "starting"
    await caller.until_active(room)
    await asyncio.sleep(_FILM_S)
    assert (await caller.stop(room))["egressId"] == started["egressId"]
    ended = await caller.ended(started["egressId"])
    assert "error" not in ended
    assert ended["duration"] >= 1
    assert ended["file"].endswith("-2.mp4")
    [recording] = await caller.recordings(room)
    assert (recording["egressId"], recording["status"]) == (started["egressId"], "ready")
    assert len(caller.endpoint.about(started["egressId"])) == 1
