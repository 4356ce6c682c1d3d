"""What tests of document 003 ask again and again."""

import asyncio
from typing import Any

import httpx

from tests.e2e.conftest import Caller

ALL = "/api/v1/recordings"
WAIT_S = 60


async def call(caller: Caller, method: str, path: str, status: int) -> Any:
    answer = await caller.http.request(method, path)
    assert answer.status_code == status, answer.text
    return answer.json()


def room_path(room_id: str, verb: str) -> str:
    return f"/api/v1/rooms/{room_id}/recordings/{verb}"


async def until(caller: Caller, recording_id: str, within_s: float = WAIT_S, **wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(within_s):
        while (found := (await call(caller, "GET", f"{ALL}/{recording_id}", 200))["data"]) | wanted != found:
            await asyncio.sleep(0.05)
    return dict(found)


async def fetch(url: str) -> tuple[int, int]:
    """Return the status and the length of what a link leads to."""
    async with httpx.AsyncClient() as plain:
        got = await plain.get(url)
    return got.status_code, len(got.content)


def message(body: Any) -> str:
    return str(body["error"]["message"])
