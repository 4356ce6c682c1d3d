"""The `curl` calls of `docs/api/` are run as they stand, by a shell; what the page shows after `#` is what comes back."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcstack.demo.participant import Participant
from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket

_DOCS = Path(__file__).parents[2] / "docs" / "api"
_PAGES = (
    "rooms.md",
    "halls.md",
    "library.md",
    "clips.md",
    "storage.md",
    "webhooks.md",
    "events.md",
    "audit.md",
    "reconcile.md",
    "capacity.md",
)
_ADDRESS = "localhost:8080"
_STORE = "http://localhost:9000"
_LIBRARY_ROOM = "room_abc123"
_WAIT_S = 30
_FILM_S = 1.5
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def calls_of(page: str) -> list[tuple[str, Any]]:
    """Return each command of the page with the answer that stands below it, None where none does."""
    calls: list[tuple[list[str], list[str]]] = []
    for block in _BLOCK.findall(page):
        for line in block.splitlines():
            if line.startswith("# "):
                calls[-1][1].append(line[2:])
            elif calls and calls[-1][0][-1].endswith("\\"):
                calls[-1][0].append(line)
            else:
                calls.append(([line], []))
    return [("\n".join(words), json.loads("".join(shown)) if shown else None) for words, shown in calls]


def _shape(value: Any) -> Any:
    """Return the keys, at every depth; of a list, the first entry's."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in sorted(value.items())}
    return [_shape(value[0])] if isinstance(value, list) and value else None


@dataclass
class Reader:
    """Somebody with a key of a tenant of its own who follows the pages from top to bottom."""

    http: httpx.AsyncClient
    key: str
    operator_key: str
    store_url: str
    variables: dict[str, str] = field(default_factory=dict)

    async def run(self, command: str) -> Any:
        """Run one command and return the JSON that it printed."""
        assert shutil.which("curl"), "curl is missing; install the package `curl`"
        place = self.http.base_url.netloc.decode()
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-euc",
            command.replace("curl ", "curl -sS --fail-with-body ", 1)
            .replace(_ADDRESS, place)
            .replace(_STORE, self.store_url),
            env={"PATH": os.defpath, "KEY": self.key, "OPERATOR_KEY": self.operator_key, **self.variables},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(_WAIT_S):
            printed = (await process.communicate())[0].decode()
        assert process.returncode == 0, f"{command}\n{printed}"
        return json.loads(printed) if printed else None

    async def settle(self, answer: Any) -> None:
        """Give a recording time to begin, and to become ready after a stop; its id is what commands call `$ID`, a hall's `$HALL`,
        a webhook's `$WEBHOOK`.
        """
        data = answer.get("data", answer) if isinstance(answer, dict) else None
        if isinstance(data, dict) and "hall_id" in data:
            self.variables["HALL"] = data["hall_id"]
        if isinstance(data, dict) and str(data.get("id")).startswith("whk_"):
            self.variables["WEBHOOK"] = data["id"]
        status = data.get("status") if isinstance(data, dict) else None
        if status in {"starting", "recording"}:
            await self._until("recording")
            await asyncio.sleep(_FILM_S)
        elif status in {"stopping", "processing"}:
            await self._until("ready")
            self.variables["ID"] = (await self._newest())["id"]

    async def _until(self, status: str) -> None:
        room_id, seen = (await self._newest())["room_id"], ""
        for _ in range(_WAIT_S * 10):
            answer = await self.http.get(f"/v1/rooms/{room_id}/recordings")
            seen = answer.raise_for_status().json()[0]["status"]
            if seen == status:
                return
            await asyncio.sleep(0.1)
        pytest.fail(f"the recording of {room_id} is {seen}, not {status}, after {_WAIT_S} s")

    async def _newest(self) -> dict[str, Any]:
        answer = await self.http.get("/api/v1/recordings", params={"limit": 1})
        return dict(answer.raise_for_status().json()["data"][0])

    async def join(self, room_id: str) -> Participant:
        answer = await self.http.post(f"/v1/rooms/{room_id}/tokens", json={"identity": "somebody"})
        token = answer.raise_for_status().json()
        return Participant(token["url"], token["token"], 0)

    async def leave_nothing(self) -> None:
        for hall in (await self.http.get("/v1/halls", params={"status": "active"})).json():
            await self.http.delete(f"/v1/halls/{hall['hall_id']}")
        for room in (await self.http.get("/v1/rooms")).json():
            await self.http.delete(f"/v1/rooms/{room['roomId']}")


@pytest.fixture
async def reader(appliance: Appliance) -> AsyncIterator[Reader]:
    def make_key(*words: str) -> str:
        made = appliance.command("keys", "create", "--tenant", "docs", *words, "--json")
        assert made.returncode == 0, made.stderr
        return str(json.loads(made.stdout)["key"])

    key, operator_key = make_key(), make_key("--operator")
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=appliance.url, headers=headers, timeout=30) as http:
        make_own_bucket(appliance.settings.storage, "acme-recordings", user="acme", secret="acme-secret-key")
        reader = Reader(http, key, operator_key, appliance.settings.storage.url)
        yield reader
        await reader.leave_nothing()


async def test_every_curl_call_of_the_docs_gets_what_the_page_shows(reader: Reader) -> None:
    await reader.http.post("/v1/rooms", json={"roomId": _LIBRARY_ROOM})
    done = 0
    async with AsyncExitStack() as stack:
        for room_id in ("room-abc", _LIBRARY_ROOM):
            await stack.enter_async_context(await reader.join(room_id))
        for page in _PAGES:
            for command, shown in calls_of((_DOCS / page).read_text(encoding="utf-8")):
                answer = await reader.run(command)
                assert _shape(answer) == _shape(shown), f"{page}: {command}\n{answer}"
                await reader.settle(answer)
                done += 1
    assert done > 10


def test_every_page_with_a_call_is_read() -> None:
    pages = {page.name for page in _DOCS.glob("*.md") if "curl " in page.read_text(encoding="utf-8")}
    assert pages == set(_PAGES)
