"""Recordings in buckets of tenants' own (document 000, "Prerequisites"), by the running appliance."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import redis

from rtcstack.demo.inspect import inspect
from tests.e2e.tenants import CANARY, STORAGE, Tenants
from tests.support.appliance import Appliance
from tests.support.own_bucket import FULL, PUT_ONLY, OwnBucket


def _places_with(canary: str, appliance: Appliance) -> list[str]:
    """Return the files of the data folder and the parts of Redis that hold it; MinIO's own books may."""
    files = [path for path in appliance.data.rglob("*") if path.is_file() and "objects" not in path.parts]
    assert any(path.name.startswith("rtcstack.db") for path in files)
    found = [str(path) for path in files if canary.encode() in path.read_bytes()]
    bus = appliance.settings.redis
    with redis.Redis(port=bus.port, password=bus.password.get_secret_value()) as client:
        client.save()
        dumped = {key: client.dump(key) for key in client.scan_iter()}
    return found + [str(key) for key, value in dumped.items() if canary.encode() in (value or b"")]


async def test_two_tenants_record_at_once_each_into_a_bucket_of_its_own(
    appliance: Appliance, tenants: Tenants, tmp_path: Path
) -> None:
    acme, globex = await tenants.make("own-acme"), await tenants.make("own-globex")
    buckets = {acme.name: tenants.bucket("own-acme"), globex.name: tenants.bucket("own-globex")}
    answers = [
        await acme.use(buckets[acme.name], prefix="relay/recordings/"),
        await globex.use(buckets[globex.name]),
    ]
    await asyncio.gather(acme.begin("meeting"), globex.begin("meeting"))
    during = _places_with(CANARY, appliance)
    await asyncio.sleep(2)
    ended = await asyncio.gather(acme.end("meeting"), globex.end("meeting"))
    for tenant, prefix, recording in zip((acme, globex), ("relay/recordings/", ""), ended, strict=True):
        own = buckets[tenant.name]
        video, index = sorted(key for key in own.keys() if "meeting" in key)[::-1]  # noqa: SIM118 # a method of ours
        assert video.startswith(f"{prefix}meeting/"), own.keys()
        assert index == video.replace(".mp4", ".index.json.gz")
        link, content = await tenant.fetch(recording["id"])
        assert f"/{own.name}/{video}" in link
        file = tmp_path / f"{tenant.name}.mp4"
        file.write_bytes(content)
        assert inspect(file, [0]).duration_s > 1
        details = (await tenant.download(recording["id"])).json()
        assert details["provider"] == "minio"
        shown = (await tenant.http.get(f"/v1/recordings/{recording['id']}")).json()
        assert shown["bucket_path"] == video
        answers += [recording, details, shown]
    assert CANARY not in json.dumps(answers)
    assert during + _places_with(CANARY, appliance) == []


async def test_keys_that_have_to_travel_are_written_down_nowhere(
    new_appliance: Callable[..., Appliance],
) -> None:
    """A stock Egress gets them with the request; here ours does, as beside a stock one."""
    appliance = new_appliance(RTCSTACK_EGRESS__SEND_KEYS="true")
    await asyncio.to_thread(appliance.start)
    tenants = Tenants(appliance)
    try:
        tenant, own = await tenants.make("own-sent"), tenants.bucket("own-sent")
        await tenant.use(own)
        await tenant.begin("sent")
        during = _places_with(CANARY, appliance)
        recording = await tenant.end("sent")
        assert (await tenant.fetch(recording["id"]))[1]
        assert during + _places_with(CANARY, appliance) == []
    finally:
        await tenants.close()


async def test_a_killed_worker_brings_the_recording_to_the_tenants_bucket_all_the_same(
    appliance: Appliance, tenants: Tenants
) -> None:
    tenant, own = await tenants.make("own-killed"), tenants.bucket("own-killed")
    await tenant.use(own)
    await tenant.begin("cut-off")
    await asyncio.sleep(2)
    own.change_secret("changed-while-it-was-recorded")
    await tenant.use(own, secret_access_key="changed-while-it-was-recorded")
    os.kill(appliance.part("egress")["pid"], signal.SIGKILL)
    recording = await tenant.end("cut-off", "ready")
    _, content = await tenant.fetch(recording["id"])
    assert len(content) > 10_000


async def test_a_key_that_may_only_put_records(tenants: Tenants) -> None:
    tenant, own = await tenants.make("own-put"), tenants.bucket("own-put", *PUT_ONLY)
    await tenant.use(own)
    await tenant.begin("sealed")
    await asyncio.sleep(1)
    recording = await tenant.end("sealed")
    shown = (await tenant.http.get(f"/v1/recordings/{recording['id']}")).json()
    assert shown["status"] == "complete"
    stored = own.root.stat_object(own.name, shown["bucket_path"])
    assert (stored.size, shown["duration_seconds"] >= 1) == (shown["file_size_bytes"], True)
    for path in ("download", "archive"):
        method = "GET" if path == "download" else "POST"
        answer = await tenant.http.request(method, f"/api/v1/recordings/{recording['id']}/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "storage_read_forbidden")
    clip = {"label": "x", "start_seconds": 0, "end_seconds": 1}
    answer = await tenant.http.post(f"/v1/recordings/{recording['id']}/clips", json=clip)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "storage_read_forbidden")
    listed = (await tenant.http.get("/v1/rooms/sealed/recordings")).raise_for_status().json()
    assert listed[0]["downloadUrl"] is None


async def test_clips_previews_and_the_archive_stay_in_the_tenants_bucket(tenants: Tenants) -> None:
    tenant, own = await tenants.make("own-whole"), tenants.bucket("own-whole")
    await tenant.use(own, prefix="relay")
    await tenant.begin("whole")
    await asyncio.sleep(2)
    recording = await tenant.end("whole")
    path, name = f"/api/v1/recordings/{recording['id']}", own.keys("relay/whole/")[-1].rpartition("/")[2]
    clip = {"label": "x", "start_seconds": 0.2, "end_seconds": 1}
    (await tenant.http.post(f"/v1/recordings/{recording['id']}/clips", json=clip)).raise_for_status()
    await _until(own, "relay/whole/clips/x-", ".poster.jpg")
    (await tenant.http.post(f"{path}/archive")).raise_for_status()
    assert (await tenant.moved(recording["id"]))["transfer"] == "done"
    assert f"relay/_archive/whole/{name}" in own.keys()  # noqa: SIM118 # a method of ours
    assert (await tenant.download(recording["id"])).json()["error"]["code"] == "recording_archived"
    (await tenant.http.post(f"{path}/restore")).raise_for_status()
    await tenant.until("whole", "ready")
    assert (await tenant.fetch(recording["id"]))[1]
    assert own.keys("relay/_archive/") == []


async def _until(own: OwnBucket, *parts: str) -> None:
    """Return when the bucket has, for each of these, a key with it."""
    for _ in range(400):
        keys = await asyncio.to_thread(own.keys)
        if all(any(part in key for key in keys) for part in parts):
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"the bucket has {keys}, not {parts}")


async def test_older_recordings_stay_where_they_are(tenants: Tenants) -> None:
    tenant = await tenants.make("own-changing")
    first, second = tenants.bucket("own-first"), tenants.bucket("own-second")
    recordings = []
    for own in (first, second, None):
        if own:
            await tenant.use(own)
        else:
            (await tenant.http.delete(STORAGE)).raise_for_status()
        room_id = f"room-{len(recordings)}"
        await tenant.begin(room_id)
        await asyncio.sleep(1)
        recordings.append(await tenant.end(room_id))
    links = [(await tenant.fetch(recording["id"]))[0] for recording in recordings]
    assert [
        name in link for name, link in zip(("own-first", "own-second", "_t/own-changing"), links, strict=True)
    ] == [True] * 3
    first.change_secret("a-new-secret-of-the-first")
    with pytest.raises(httpx.HTTPStatusError):
        await tenant.fetch(recordings[0]["id"])
    await tenant.use(first, secret_access_key="a-new-secret-of-the-first")
    await tenant.fetch(recordings[0]["id"])


async def test_a_wrong_key_fails_in_words_and_the_file_is_uploaded_once_it_is_mended(
    appliance: Appliance, tenants: Tenants
) -> None:
    tenant, own = await tenants.make("own-wrong"), tenants.bucket("own-wrong")
    await tenant.use(own)
    await tenant.begin("lost-key")
    own.change_secret("changed-behind-our-back")
    await asyncio.sleep(1)
    recording = await tenant.end("lost-key", "failed")
    details = (await tenant.http.get(f"/api/v1/recordings/{recording['id']}")).json()
    assert "SignatureDoesNotMatch" in json.dumps(details), details
    spool = appliance.settings.spool_path
    assert [path.name for path in spool.glob("*/recording.mp4")] == ["recording.mp4"]
    again = await tenant.http.post(f"/api/v1/recordings/{recording['id']}/retry")
    again.raise_for_status()
    await tenant.until("lost-key", "failed")  # with the same key it is refused once more
    await tenant.use(own, secret_access_key="changed-behind-our-back")
    (await tenant.http.post(f"/api/v1/recordings/{recording['id']}/retry")).raise_for_status()
    ready = await tenant.until("lost-key", "ready")
    _, content = await tenant.fetch(ready["id"])
    assert len(content) == ready["size_bytes"]
    assert list(spool.glob("*/recording.mp4")) == []


async def test_a_bucket_that_turns_read_only_midway_loses_nothing(tenants: Tenants) -> None:
    tenant, own = await tenants.make("own-frozen"), tenants.bucket("own-frozen")
    await tenant.use(own)
    await tenant.begin("frozen")
    own.allow("s3:GetObject", "s3:ListBucket")
    await asyncio.sleep(1)
    recording = await tenant.end("frozen", "failed")
    details = (await tenant.http.get(f"/api/v1/recordings/{recording['id']}")).json()
    assert "AccessDenied" in json.dumps(details), details
    own.allow(*FULL)
    (await tenant.http.post(f"/api/v1/recordings/{recording['id']}/retry")).raise_for_status()
    await tenant.until("frozen", "ready")
    assert (await tenant.fetch(recording["id"]))[1]
