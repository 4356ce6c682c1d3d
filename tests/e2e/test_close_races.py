"""Closing a hall leaves one recording that is complete, whatever else is going on in it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.e2e.conftest import Caller
from tests.e2e.halls import HallCaller
from tests.support.appliance import Appliance

_HALLS = 6
_OCCUPIED = 4


@pytest.fixture
async def halls(caller: Caller, appliance: Appliance) -> AsyncIterator[HallCaller]:
    async with HallCaller(caller, appliance) as opened:
        yield opened


async def _occupied(halls: HallCaller) -> str:
    hall = await halls.create(name="occupied", record=True)
    await halls.join(hall["join_token"], 0)
    await halls.until_count(hall["hall_id"], 1)
    await halls.until_recorded(hall["hall_id"])
    return str(hall["hall_id"])


@pytest.mark.alone  # several recordings of people at once are all that two cores can do
async def test_closing_an_occupied_recorded_hall_leaves_exactly_one_recording(halls: HallCaller) -> None:
    hall_ids = [await _occupied(halls) for _ in range(_OCCUPIED)]
    assert await asyncio.gather(*(halls.close(hall_id) for hall_id in hall_ids)) == [204] * _OCCUPIED
    for hall_id in hall_ids:
        complete = await halls.event("recording.complete", hall_id)
        [recording] = await halls.get(f"/v1/halls/{hall_id}/recordings")
        assert (recording["status"], recording["recording_id"]) == (
            "complete",
            complete["data"]["recording_id"],
        )
    await asyncio.sleep(3)  # a second one would have been begun, and told of, by now
    for hall_id in hall_ids:
        assert len(await halls.get(f"/v1/halls/{hall_id}/recordings")) == 1
        assert halls.events("recording.failed", hall_id) == []


async def test_a_start_and_two_closes_at_once(halls: HallCaller) -> None:
    async def delete(hall_id: str) -> httpx.Response:
        return await halls.http.delete(f"/v1/halls/{hall_id}")

    for _ in range(_HALLS):
        hall_id = (await halls.create(name="hurried"))["hall_id"]
        started, *closed = await asyncio.gather(
            halls.http.post(f"/v1/rooms/{hall_id}/recording/start"), delete(hall_id), delete(hall_id)
        )
        assert [answer.status_code for answer in closed] == [204, 204], [answer.text for answer in closed]
        assert started.status_code in {200, 404, 503}, started.text
        for recording in await halls.get(f"/v1/halls/{hall_id}/recordings"):
            await halls.until_status(recording["recording_id"], "complete")


async def test_a_hall_closed_as_soon_as_it_is_made_has_a_short_recording(
    halls: HallCaller, caller: Caller
) -> None:
    hall_id = (await halls.create(name="brief", record=True))["hall_id"]
    assert await halls.close(hall_id) == 204
    complete = await halls.event("recording.complete", hall_id)
    assert complete["data"]["file_size_bytes"] > 0
    room = await caller.room("brief-room")
    started = await caller.start(room)
    await caller.stop(room)
    ended = await caller.ended(started["egressId"])
    assert "error" not in ended
    assert ended["size"] > 0
