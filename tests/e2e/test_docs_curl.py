"""The `curl` calls of README.md and `docs/` are run as they stand, by a shell; what the page shows after `#` is what comes back."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket
from tests.support.pages import DOCS, Reader, blocks_of, calls_of, shape

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
_FIRST = (DOCS.parent / "README.md", DOCS / "join.md")
_FOLLOWED = {
    "quickstart.md",
    "recipes/record-every-room.md",
    "recipes/post-process-with-a-webhook.md",
    "recipes/move-to-r2.md",
}
"""`tests/e2e/client/test_recipes.py` goes through these."""


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


async def test_the_first_calls_lead_to_a_recording(reader: Reader) -> None:
    """Nobody has joined yet, as nobody has when a newcomer makes these calls."""
    answers = []
    for page in _FIRST:
        for command, shown in calls_of(page.read_text(encoding="utf-8")):
            if command.startswith("curl "):
                answers.append(answer := await reader.run(command))
                assert shown is None or shape(answer) == shape(shown), f"{page.name}: {command}\n{answer}"
                await reader.settle(answer)
    [recordings] = [answer for answer in answers if isinstance(answer, list)]
    assert recordings[0]["status"] == "ready"
    assert recordings[0]["downloadUrl"]


def test_every_page_with_a_call_is_read() -> None:
    pages = {
        str(page.relative_to(DOCS))
        for page in DOCS.rglob("*.md")
        if any("curl " in block for block in blocks_of(page.read_text(encoding="utf-8")))
    }
    assert pages == {*(f"api/{page}" for page in _PAGES), "join.md", *_FOLLOWED}
