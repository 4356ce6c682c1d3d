"""`kill -9` of the API in the middle of a cut: the next process makes the clip, once, and tells it once."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import psutil

from rtcstack.bootstrap import Platform
from rtcstack.domain.api_key import Scope
from rtcstack.domain.recording import RecordingState
from rtcstack.settings import Settings
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.ports import free_port
from tests.support.serving import serving

_LENGTH_S = 15
_WAIT_S = 240


async def _footage(folder: Path) -> Path:
    """Make a recording whose cut keeps a core busy for a while."""
    file = folder / "footage.mp4"
    source = f"testsrc2=size=1280x720:rate=30:duration={_LENGTH_S}"
    made = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i"),
        *(f"sine=duration={_LENGTH_S}", "-c:v", "libx264", "-preset", "ultrafast", "-g", "60"),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(file)),
    )
    assert await made.wait() == 0
    return file


async def _until(http: httpx.AsyncClient, clip_id: str, **wanted: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        async with asyncio.timeout(_WAIT_S):
            while not found or any(found[name] != value for name, value in wanted.items()):
                found = (await http.get(f"/v1/clips/{clip_id}")).raise_for_status().json()
                assert found["status"] != "failed", found
                if not wanted and not found["progress"]:
                    found = {}
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not {wanted or 'begun'}: {found}") from None
    return found


async def test_a_killed_api_is_followed_by_one_that_makes_the_clip_once(
    fresh: Settings, tmp_path: Path
) -> None:
    file = await _footage(tmp_path)
    platform = Platform(fresh)
    async with platform.running(with_workers=False):
        api = Api(httpx.AsyncClient(), platform, fresh)
        shelf = Shelf(api)
        _, key = await platform.services.access.create_key("default", scope=Scope.ADMIN)
        await platform.services.rooms.create(
            "default", room_id="shelf", name=None, max_participants=None, metadata={}
        )
        recording = await shelf.add(RecordingState.READY)
        shelf.s3.fput_object(shelf.bucket, recording.object_key, str(file), "video/mp4")
        port = free_port()
        asked = {"label": "killed", "start_seconds": 1, "end_seconds": _LENGTH_S - 1}
        async with serving(fresh, port, key, {}) as (pid, http):
            made = (await http.post(f"/v1/recordings/{recording.id}/clips", json=asked)).json()
            await _until(http, made["clip_id"])
            children = psutil.Process(pid).children()
            assert children, "nothing cuts"
            os.kill(pid, signal.SIGKILL)
            _, alive = await asyncio.to_thread(psutil.wait_procs, children, 5)
            assert alive == []
        async with serving(fresh, port, key, {}) as (_, http):
            done = await _until(http, made["clip_id"], status="complete")
        assert {k for k in shelf.keys(shelf.bucket) if "/clips/" in k and "killed" in k} == {
            done["bucket_path"]
        }
        rows = await platform._adapters.db.all("SELECT event FROM outbox WHERE event LIKE 'clip.%'")
        assert [row["event"] for row in rows] == ["clip.ready"]
        assert list((fresh.data / "tmp").iterdir()) == []
        await api.http.aclose()
