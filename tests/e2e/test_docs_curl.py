"""The `curl` calls of `docs/api/` are run as they stand, by a shell; what the page shows after `#` is what comes back."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket
from tests.support.pages import DOCS, Reader, calls_of, shape

_DOCS = DOCS / "api"
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
_LIBRARY_ROOM = "room_abc123"


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
                assert shape(answer) == shape(shown), f"{page}: {command}\n{answer}"
                await reader.settle(answer)
                done += 1
    assert done > 10


def test_every_page_with_a_call_is_read() -> None:
    pages = {page.name for page in _DOCS.glob("*.md") if "curl " in page.read_text(encoding="utf-8")}
    assert pages == set(_PAGES)
