"""`rtcstack storage move` beside the running appliance, killed half-way and run again."""

import asyncio
import hashlib
import io
import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path

from rtcstack.demo.inspect import inspect
from tests.e2e.tenants import Tenant, Tenants
from tests.support.appliance import Appliance
from tests.support.own_bucket import OwnBucket

_FILMS = 6
_FILM_BYTES = 6 * 1024 * 1024
_ROOM = "old-room"
_WAIT_S = 60


def _film(file: Path) -> bytes:
    """Return a second of film, for every call another one: it ends with a box that players pass over."""
    if not file.exists():
        sources = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15", "-f", "lavfi", "-i", "sine")
        coded = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-t", "1")
        subprocess.run(["ffmpeg", "-v", "error", *sources, *coded, str(file)], check=True)
    return file.read_bytes() + struct.pack(">I4s", 8 + _FILM_BYTES, b"free") + os.urandom(_FILM_BYTES)


def _put_films(own: OwnBucket, shared: str, tenant: str, folder: Path) -> dict[str, str]:
    """Leave recordings in the shared bucket, as another program would; return their digests by file name."""
    digests = {}
    for n in range(_FILMS):
        name, data = f"2025-11-2{n}T10-00-00.mp4", _film(folder / "film.mp4")
        own.root.put_object(shared, f"_t/{tenant}/{_ROOM}/{name}", io.BytesIO(data), len(data))
        digests[name] = hashlib.sha256(data).hexdigest()
    return digests


def _begin(appliance: Appliance, tenant: str) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "rtcstack", "storage", "move", "--tenant", tenant]
    return subprocess.Popen(
        [*argv, "--data", str(appliance.data)],
        env=appliance.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def _kill_half_way(appliance: Appliance, tenant: str, own: OwnBucket) -> None:
    process = _begin(appliance, tenant)
    for _ in range(_WAIT_S * 100):
        if len([key for key in own.keys() if key.endswith(".mp4")]) > 1:  # noqa: SIM118 # a method of ours
            break
        assert process.poll() is None, "the move ended before it was killed"
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.wait)


async def _digests(tenant: Tenant) -> dict[str, str]:
    """Return what is behind the links to the room's recordings."""
    answer = await tenant.http.get("/api/v1/recordings", params={"room_id": _ROOM})
    found = {}
    for recording in answer.raise_for_status().json()["data"]:
        link, content = await tenant.fetch(recording["id"])
        found[link.partition("?")[0].rpartition("/")[2]] = hashlib.sha256(content).hexdigest()
    return found


async def test_a_killed_move_is_taken_up_and_nothing_is_lost(
    appliance: Appliance, tenants: Tenants, tmp_path: Path
) -> None:
    tenant, own = await tenants.make("own-mover"), tenants.bucket("own-mover")
    shared = appliance.settings.storage.bucket
    films = await asyncio.to_thread(_put_films, own, shared, tenant.name, tmp_path)
    (await tenant.http.post("/v1/rooms", json={"roomId": _ROOM})).raise_for_status()
    (await tenant.http.post(f"/api/v1/rooms/{_ROOM}/recordings/sync")).raise_for_status()
    assert await _digests(tenant) == films
    await tenant.use(own, prefix="moved")
    await tenant.begin("meanwhile")
    await _idle(appliance)

    await _kill_half_way(appliance, tenant.name, own)
    assert await _digests(tenant) == films
    left = [entry.object_name for entry in own.root.list_objects(shared, f"_t/{tenant.name}/{_ROOM}/")]
    assert len([name for name in left if str(name).endswith(".mp4")]) == _FILMS

    ran = await asyncio.to_thread(
        appliance.command, "storage", "move", "--tenant", tenant.name, "--delete-originals", "--json"
    )
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    done = json.loads(ran.stdout)
    assert 0 < done["recordings"] < _FILMS
    assert await _digests(tenant) == films
    assert list(own.root.list_objects(shared, f"_t/{tenant.name}/{_ROOM}/")) == []
    assert not list((appliance.data / "tmp").glob("move-*/*"))

    recording = await tenant.end("meanwhile")
    file = tmp_path / "meanwhile.mp4"
    file.write_bytes((await tenant.fetch(recording["id"]))[1])
    assert inspect(file, [0]).duration_s > 1


async def _idle(appliance: Appliance) -> None:
    """Return when nothing is being done with recordings any more: they are checked after an import."""
    for _ in range(_WAIT_S * 10):
        with sqlite3.connect(f"file:{appliance.data / 'rtcstack.db'}?mode=ro", uri=True) as db:
            [(pending,)] = db.execute("SELECT count(*) FROM jobs WHERE state = 'pending'").fetchall()
        db.close()
        if not pending:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("jobs are pending for ever")
