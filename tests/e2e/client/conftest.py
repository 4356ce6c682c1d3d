"""A tenant who follows the pages for developers, and one real recording that several tests look at."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from rtcstack.client import Client
from rtcstack.demo.participant import Participant
from tests.support.appliance import Appliance
from tests.support.pages import Reader

TENANT = "follower"
_ROOM = "shared"
_WAIT_S = 60
_FILM_S = 3


def new_key(appliance: Appliance, *words: str) -> str:
    made = appliance.command("keys", "create", *words, "--json")
    assert made.returncode == 0, made.stderr
    return str(json.loads(made.stdout)["key"])


@pytest.fixture(scope="module")
def keys(appliance: Appliance) -> tuple[str, str]:
    """A key of the tenant, and one of the operator."""
    return new_key(appliance, "--tenant", TENANT), new_key(appliance, "--tenant", TENANT, "--operator")


@pytest.fixture
async def client(appliance: Appliance, keys: tuple[str, str]) -> AsyncIterator[Client]:
    async with Client(appliance.url, keys[0]) as made:
        yield made


@pytest.fixture
async def reader(appliance: Appliance, keys: tuple[str, str]) -> AsyncIterator[Reader]:
    headers = {"authorization": f"Bearer {keys[0]}"}
    async with httpx.AsyncClient(base_url=appliance.url, headers=headers, timeout=30) as http:
        reader = Reader(http, *keys, appliance.settings.storage.url)
        reader.variables |= {"RTCSTACK_URL": appliance.url, "RTCSTACK_KEY": keys[0]}
        yield reader
        await reader.leave_nothing()


@pytest.fixture(scope="module")
def recorded(appliance: Appliance, keys: tuple[str, str]) -> str:
    """The id of a recording of three seconds or more that is ready; nobody deletes it."""
    return asyncio.run(_record(appliance.url, keys[0]))


async def _record(url: str, key: str) -> str:
    async with Client(url, key) as client:
        token = await client.rooms.token(_ROOM, "ada")
        async with Participant(token.url, token.token, 0):
            await client.rooms.start_recording(_ROOM)
            await until(client, _ROOM, "recording")
            await asyncio.sleep(_FILM_S)
            await client.rooms.stop_recording(_ROOM)
            return await until(client, _ROOM, "ready")


async def until(client: Client, room_id: str, status: str) -> str:
    """Return the id of the room's newest recording once it is in that state."""
    seen = ""
    try:
        async with asyncio.timeout(_WAIT_S):
            while True:
                if found := await client.rooms.recordings(room_id):
                    seen = found[0].status
                    if seen == status:
                        return found[0].recording_id
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"the recording of {room_id} is {seen or 'not there'}, not {status}, after {_WAIT_S} s")
