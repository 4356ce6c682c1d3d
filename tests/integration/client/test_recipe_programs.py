"""What the programs of the recipes do when something goes wrong; against a server that answers what a test tells it to."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.e2e.client.programs import Followed, running
from tests.integration.client.scripted import Answer, Scripted, scripted
from tests.support.pages import Reader
from tests.support.ports import free_port

_WAIT_S = 60
_ROOT = Path(__file__).parents[3]
_SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
_LONG_AGO = "2024-04-21T10:00:00.000Z"
_NOBODY_NEW = Answer(200, json.dumps({"data": [], "next_after": "evt_1", "has_more": False}).encode())
_FULL = Answer(
    503, json.dumps({"error": {"code": "capacity", "message": "Full.", "request_id": "r"}}).encode()
)
_GONE = Answer(404, json.dumps({"error": {"code": "recording_not_found", "message": "Gone."}}).encode())


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with httpx.AsyncClient() as http:
        yield Reader(http, "", "", "", {"RTCSTACK_KEY": "key", "PYTHONPATH": str(_ROOT)})


def _json(value: Any) -> Answer:
    return Answer(200, json.dumps(value).encode())


def _asked(server: Scripted, word: str) -> int:
    return sum(word in path for _, path, _ in server.asked)


def _is_there(file: Path) -> bool:
    return file.exists()


async def _until_there(file: Path) -> None:
    async with asyncio.timeout(_WAIT_S):
        while not _is_there(file):
            await asyncio.sleep(0.05)


async def test_a_meeting_that_is_going_on_is_recorded_as_soon_as_that_is_possible(
    reader: Reader, tmp_path: Path
) -> None:
    """Somebody joined long ago, while the program was not running, and at first no recorder is free."""
    event = {
        "id": "evt_1",
        "event": "participant.joined",
        "room_id": "a",
        "created_at": _LONG_AGO,
        "body": {},
    }
    joined = _json({"data": [event], "next_after": "evt_1", "has_more": False})
    here = _json(
        [{"identity": "ada", "name": "Ada", "joinedAt": _LONG_AGO, "isPublisher": True, "tracks": []}]
    )
    started = _json({"egressId": "EG_1", "status": "starting", "startedAt": _LONG_AGO})
    [command] = Followed("recipes/record-every-room.md", tmp_path).blocks[1:]
    program = tmp_path / "record_every_room.py"
    program.write_text(program.read_text(encoding="utf-8").replace("AGAIN_S = 10", "AGAIN_S = 1"), "utf-8")
    with scripted(joined, here, _FULL, _NOBODY_NEW, here, started, *[_NOBODY_NEW] * 200) as server:
        async with running(reader, command, tmp_path, RTCSTACK_URL=server.url) as recorder:
            await recorder.printed("a: capacity")
            assert not (tmp_path / "last-event").exists(), "a restart would begin with this event again"
            await recorder.printed("a: starting EG_1")
            await _until_there(tmp_path / "last-event")
        assert _asked(server, "/recording/start") == 2
    assert (tmp_path / "last-event").read_text(encoding="utf-8") == "evt_1"


async def _deliver(port: int, event_id: str, **data: Any) -> None:
    body = json.dumps({"event": "recording.complete", "id": event_id, "data": data})
    at = datetime.now(tz=UTC)  # noqa: TID251  # the signer's own clock
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(_SECRET).sign(event_id, at, body),
    }
    async with asyncio.timeout(_WAIT_S), httpx.AsyncClient() as http:
        while True:
            try:
                answer = await http.post(f"http://127.0.0.1:{port}/", content=body, headers=headers)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                assert answer.status_code == 204
                return


async def test_a_deleted_recording_is_dropped_and_nothing_ends_the_work(
    reader: Reader, tmp_path: Path
) -> None:
    page, port = Followed("recipes/post-process-with-a-webhook.md", tmp_path), free_port()
    [*_, command] = page.blocks[1].splitlines()
    recording = {
        "recording_id": "rec_1",
        "hall_id": "a",
        "status": "complete",
        "duration_seconds": 3,
        "file_size_bytes": 3,
        "bucket_path": "a/b.mp4",
        "created_at": _LONG_AGO,
        "completed_at": _LONG_AGO,
    }
    given = {"PORT": str(port), "WEBHOOK_SECRETS": _SECRET}
    with scripted(_GONE, _GONE) as server:
        async with running(reader, command, tmp_path, RTCSTACK_URL=server.url, **given) as receiver:
            await _deliver(port, "evt_1", **recording)
            await receiver.printed("evt_1 is dropped")
            await _deliver(port, "evt_2", what="nobody expects")
            await receiver.printed("evt_2 will be tried again")
            await _deliver(port, "evt_3", **recording)
            await receiver.printed("evt_3 is dropped")
            await _until_there(tmp_path / "done" / "evt_3")
    assert {kept.name for kept in (tmp_path / "done").iterdir()} == {"evt_1", "evt_3"}
    assert [kept.name for kept in (tmp_path / "inbox").iterdir()] == ["evt_2"]
