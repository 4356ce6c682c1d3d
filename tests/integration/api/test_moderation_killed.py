"""`kill -9` of the API while a provider looks at a recording: the next process finds it all, once, and tells it once."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from rtcstack.bootstrap import Platform
from rtcstack.domain.api_key import Scope
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState
from rtcstack.repositories import jobs
from rtcstack.settings import Moderation, Settings
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.ports import free_port
from tests.support.serving import serving
from tests.support.video_intelligence import video_intelligence

_WAIT_S = 60


async def _footage(folder: Path) -> Path:
    """Make twelve seconds: green, then red, a keyframe every second."""
    file = folder / "footage.mp4"
    sources = [f"color=c={colour}:size=320x180:rate=10:duration=6" for colour in ("green", "red")]
    made = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", sources[0], "-f", "lavfi", "-i", sources[1]),
        *(
            "-filter_complex",
            "concat=n=2:v=1",
            "-c:v",
            "libx264",
            "-g",
            "10",
            "-bf",
            "0",
            "-pix_fmt",
            "yuv420p",
        ),
        *("-movflags", "+faststart", str(file)),
    )
    assert await made.wait() == 0
    return file


async def _until(is_so: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(_WAIT_S):
            while not is_so():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"it never came: {what}") from None


async def _moderated_recording(platform: Platform, settings: Settings, file: Path) -> tuple[str, str]:
    """Make a hall, and a ready recording of it that is to be looked through; return their ids."""
    asked = {"max_participants": 5, "record": False, "moderation": True, "metadata": {}}
    hall, _ = await platform.services.halls.create("default", name="killed", **asked)
    api = Api(httpx.AsyncClient(), platform, settings)
    shelf = Shelf(api)
    recording = await shelf.add(RecordingState.READY, hall.id)
    shelf.s3.fput_object(shelf.bucket, recording.object_key, str(file), "video/mp4")
    async with platform._adapters.db.transaction() as tx:
        await jobs.add(tx, "job_moderate", JobKind.MODERATE, recording.id, recording.started_at_ms)
    await api.http.aclose()
    return hall.id, recording.id


async def test_a_killed_api_is_followed_by_one_that_tells_once(fresh: Settings, tmp_path: Path) -> None:
    file = await _footage(tmp_path)
    with video_intelligence() as service:
        asked = Moderation(provider="google", endpoint=service.endpoint, interval_s=2)
        moderated = fresh.model_copy(update={"moderation": asked})
        environ = {
            "RTCSTACK_MODERATION__PROVIDER": "google",
            "RTCSTACK_MODERATION__ENDPOINT": service.endpoint,
            "RTCSTACK_MODERATION__INTERVAL_S": "2",
        }
        platform = Platform(moderated)
        async with platform.running(with_workers=False):
            _, key = await platform.services.access.create_key("default", scope=Scope.ADMIN)
            hall_id, recording_id = await _moderated_recording(platform, moderated, file)
            port = free_port()
            service.hang = threading.Event()
            async with serving(moderated, port, key, environ) as (pid, _):
                await _until(lambda: service.calls > 0, "a request about the pictures")
                children = psutil.Process(pid).children()
                os.kill(pid, signal.SIGKILL)
                _, alive = await asyncio.to_thread(psutil.wait_procs, children, 5)
                assert alive == []
            service.hang.set()
            async with serving(moderated, port, key, environ) as (_, http):
                found: list[dict[str, object]] = []
                async with asyncio.timeout(_WAIT_S):
                    while not found:
                        answer = await http.get(f"/v1/halls/{hall_id}/moderation")
                        found = answer.raise_for_status().json()
                        await asyncio.sleep(0.1)
            assert [(one["position_seconds"], one["category"]) for one in found] == [
                (10.0, "explicit_content"),
                (8.0, "explicit_content"),
                (6.0, "explicit_content"),
            ]
            assert {one["recording_id"] for one in found} == {recording_id}
            rows = await platform._adapters.db.all("SELECT event FROM outbox WHERE event LIKE 'mod%'")
            assert [row["event"] for row in rows] == ["moderation.flagged"]
            assert list((fresh.data / "tmp").iterdir()) == []
