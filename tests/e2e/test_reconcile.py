"""All that knew of a recording is lost but the database: it comes to an end, and the command says when everything agrees."""

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livekit import api as livekit
from redis import Redis

from rtcstack.adapters.s3.client import client
from tests.e2e.conftest import Caller, open_caller
from tests.e2e.lost import lose_worker
from tests.support.appliance import Appliance

_WAIT_S = 60
_FILM_S = 1.5


async def _until(caller: Caller, room: str, status: str) -> dict[str, Any]:
    async with asyncio.timeout(_WAIT_S):
        while (shown := (await caller.recordings(room))[0])["status"] != status:
            await asyncio.sleep(0.2)
    return shown


def _reconcile(appliance: Appliance) -> tuple[int, dict[str, Any]]:
    ran = appliance.command("reconcile", "--json")
    assert ran.returncode in {0, 1}, ran.stderr
    return ran.returncode, dict(json.loads(ran.stdout))


async def _running_by_livekits_books(appliance: Appliance) -> int:
    own = appliance.settings.livekit
    keys = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with livekit.LiveKitAPI(own.http_url, *keys) as lk:
        return len((await lk.egress.list_egress(livekit.ListEgressRequest(active=True))).items)


def _flush(appliance: Appliance) -> None:
    own = appliance.settings.redis
    Redis(own.host, own.port, password=own.password.get_secret_value()).flushall()


async def test_what_redis_worker_and_spool_have_forgotten_ends_and_lost_objects_are_told(
    new_appliance: Callable[..., Appliance], tmp_path: Path
) -> None:
    appliance = new_appliance()
    await asyncio.to_thread(appliance.start)
    own = appliance.settings.storage
    store = client(own.url, own.access_key.get_secret_value(), own.secret_key.get_secret_value(), own.region)
    agrees = await asyncio.to_thread(appliance.command, "reconcile")
    assert (agrees.returncode, "Everything agrees." in agrees.stdout) == (0, True), agrees.stdout
    async with open_caller(appliance, tmp_path) as caller:
        kept, lost = await caller.room("kept"), await caller.room("lost")
        for room in (kept, lost):
            await caller.join(room, 0)
            await caller.start(room)
            await caller.until_active(room)
        await asyncio.sleep(_FILM_S)
        await caller.stop(kept)
        await _until(caller, kept, "ready")
        film = (await caller.download(kept)).read_bytes()

        _flush(appliance)
        await lose_worker(appliance)
        await _until(caller, lost, "failed")
        assert await caller.status(lost) == {"active": False}
        assert await _running_by_livekits_books(appliance) == 0

        names = (str(entry.object_name) for entry in store.list_objects(own.bucket, "kept/"))
        [key] = [name for name in names if name.endswith(".mp4")]
        said = store.stat_object(own.bucket, key).metadata
        store.remove_object(own.bucket, key)
        status, report = await asyncio.to_thread(_reconcile, appliance)
        found = {(f["kind"], f["subject"]) for f in report["findings"]}
        assert (status, report["agrees"]) == (1, False)
        assert ("object_missing", key) in found

        metadata: Any = {n: v for n, v in (said or {}).items() if n.lower().startswith("x-amz-meta-")}
        store.put_object(own.bucket, key, io.BytesIO(film), len(film), "video/mp4", metadata=metadata)
        _, report = await asyncio.to_thread(_reconcile, appliance)
        assert [f["kind"] for f in report["findings"] if f["subject"] == key] == []
        shown = await asyncio.to_thread(appliance.command, "reconcile", "--last")
        assert f"object_missing {key}: asked for: its verification" in shown.stdout
        assert "egress_gone EG_" in shown.stdout
