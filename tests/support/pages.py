"""What the pages of docs/ show is done as it stands there: commands by a shell, programs by Python."""

import asyncio
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcstack.demo.participant import Participant

DOCS = Path(__file__).parents[2] / "docs"
_ADDRESS = "localhost:8080"
_STORE = "http://localhost:9000"
_WAIT_S = 60
_FILM_S = 1.5
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SAVED = re.compile(r"Save it as `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks_of(page: str) -> list[str]:
    """Return the blocks of commands of a page."""
    return [str(block) for block in _BLOCK.findall(page)]


def files_of(page: str) -> dict[str, str]:
    """Return what the page says to save, by name."""
    return dict(_SAVED.findall(page))


def calls_of(page: str) -> list[tuple[str, Any]]:
    """Return each command of the page with the answer that stands below it, None where none does."""
    calls: list[tuple[list[str], list[str]]] = []
    for block in blocks_of(page):
        for line in block.splitlines():
            if line.startswith("# "):
                calls[-1][1].append(line[2:])
            elif calls and calls[-1][0][-1].endswith("\\"):
                calls[-1][0].append(line)
            else:
                calls.append(([line], []))
    return [("\n".join(words), json.loads("".join(shown)) if shown else None) for words, shown in calls]


def shape(value: Any) -> Any:
    """Return the keys, at every depth; of a list, the first entry's."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in sorted(value.items())}
    return [shape(value[0])] if isinstance(value, list) and value else None


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
        printed = await self.printed(command)
        return json.loads(printed) if printed else None

    async def printed(self, command: str, folder: Path | None = None) -> str:
        """Run a block of commands and return what it printed; `python` is ours."""
        assert shutil.which("curl"), "curl is missing; install the package `curl`"
        place = self.http.base_url.netloc.decode()
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-euc",
            command.replace("curl ", "curl -sS --fail-with-body ")
            .replace(_ADDRESS, place)
            .replace(_STORE, self.store_url),
            env=self.environment,
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(_WAIT_S):
            printed = (await process.communicate())[0].decode()
        assert process.returncode == 0, f"{command}\n{printed}"
        return printed

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{os.defpath}"
        return {"PATH": path, "KEY": self.key, "OPERATOR_KEY": self.operator_key, **self.variables}

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
        answer = await self.http.post(f"/v1/rooms/{room_id}/tokens", json={"identity": "ada"})
        token = answer.raise_for_status().json()
        return Participant(token["url"], token["token"], 0)

    async def leave_nothing(self) -> None:
        for hall in (await self.http.get("/v1/halls", params={"status": "active"})).json():
            await self.http.delete(f"/v1/halls/{hall['hall_id']}")
        for room in (await self.http.get("/v1/rooms")).json():
            await self.http.delete(f"/v1/rooms/{room['roomId']}")
