"""What a plan allows, on the running appliance: documents 001 and 003, "Capped by your plan limit" and the like."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from livekit.api import ListRoomsRequest, LiveKitAPI

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.support.appliance import Appliance

_CAP = 10
_TENANT = "on-free"


@pytest.fixture
async def free(appliance: Appliance) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a tenant with the plan `free`."""
    words = ("keys", "create", "--tenant", _TENANT, "--plan", "free", "--json")
    made = await asyncio.to_thread(appliance.command, *words)
    assert made.returncode == 0, made.stderr
    headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    async with httpx.AsyncClient(base_url=appliance.url, headers=headers, timeout=30) as http:
        yield http


async def _cap_in_livekit(appliance: Appliance, room_id: str) -> int:
    own = appliance.settings.livekit
    keys = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with LiveKitAPI(own.http_url, *keys) as livekit:
        [room] = (await livekit.room.list_rooms(ListRoomsRequest(names=[f"{_TENANT}:{room_id}"]))).rooms
    return room.max_participants


@pytest.mark.parametrize("asked", [{}, {"maxParticipants": 500}, {"maxParticipants": 4_294_967_295}])
async def test_a_room_is_capped(appliance: Appliance, free: httpx.AsyncClient, asked: dict[str, int]) -> None:
    room = (await free.post("/v1/rooms", json=asked)).raise_for_status().json()
    assert room["maxParticipants"] == _CAP
    assert await _cap_in_livekit(appliance, room["roomId"]) == _CAP
    assert (await free.delete(f"/v1/rooms/{room['roomId']}")).status_code == 204


async def test_a_room_that_is_made_by_joining_is_capped(
    appliance: Appliance, free: httpx.AsyncClient
) -> None:
    token = (await free.post("/v1/rooms/joined/tokens", json={"identity": "a"})).raise_for_status().json()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(Participant(token["url"], token["token"], 0, Media(320, 180)))
        assert await _cap_in_livekit(appliance, "joined") == _CAP
        assert (await free.get("/v1/rooms/joined")).json()["maxParticipants"] == _CAP
    assert (await free.delete("/v1/rooms/joined")).status_code == 204


async def test_a_hall_is_capped_and_not_refused(appliance: Appliance, free: httpx.AsyncClient) -> None:
    # "Maximum number of simultaneous participants. … Capped by your plan limit."
    made = await free.post("/v1/halls", json={"name": "large", "max_participants": 20_000})
    assert made.status_code == 201, made.text
    hall_id = made.json()["hall_id"]
    assert (await free.get(f"/v1/halls/{hall_id}")).json()["max_participants"] == _CAP
    assert await _cap_in_livekit(appliance, hall_id) == _CAP
    assert (await free.delete(f"/v1/halls/{hall_id}")).status_code == 204
    again = await free.post("/v1/rooms", json={"roomId": hall_id})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "room_exists")
    assert "hall, which was closed" in again.json()["error"]["message"]


async def test_moderation_needs_its_plan(free: httpx.AsyncClient) -> None:
    refused = await free.post("/v1/halls", json={"name": "watched", "moderation": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "plan_required")
    assert "growth" in refused.json()["error"]["message"]


async def test_one_recording_at_a_time(free: httpx.AsyncClient) -> None:
    first = (await free.post("/v1/halls", json={"name": "first", "record": True})).raise_for_status().json()
    for answer in (
        await free.post("/v1/halls", json={"name": "second", "record": True}),
        await free.post((await _room(free)) + "/recording/start"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "quota_reached")
        assert "1 recording at a time" in answer.json()["error"]["message"]
    assert (await free.delete(f"/v1/halls/{first['hall_id']}")).status_code == 204


async def _room(free: httpx.AsyncClient) -> str:
    room = (await free.post("/v1/rooms")).raise_for_status().json()
    return f"/v1/rooms/{room['roomId']}"


async def test_a_list_has_a_hundred_halls_at_most(free: httpx.AsyncClient) -> None:
    # "List halls": "Returns up to 100 halls ordered by creation time (newest first)."
    made = [(await free.post("/v1/halls", json={"name": str(n)})).json()["hall_id"] for n in range(101)]
    try:
        listed = (await free.get("/v1/halls?status=active")).json()
        assert [hall["hall_id"] for hall in listed] == made[:0:-1]
    finally:
        for hall_id in made:
            await free.delete(f"/v1/halls/{hall_id}")
