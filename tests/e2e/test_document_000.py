"""Seed document 000, "Recordings", by its headings, against the running appliance: real participants, real bucket."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rtcstack.demo.inspect import inspect
from tests.e2e.conftest import Caller
from tests.e2e.halls import HallCaller
from tests.support.appliance import Appliance
from tests.support.own_bucket import OwnBucket, make_own_bucket

_ISO_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


@pytest.fixture
async def halls(caller: Caller, appliance: Appliance) -> AsyncIterator[HallCaller]:
    async with HallCaller(caller, appliance) as opened:
        yield opened


@pytest.fixture
async def own_bucket(caller: Caller, appliance: Appliance) -> AsyncIterator[OwnBucket]:
    """A bucket of the tenant's own, for as long as the test takes."""
    own = await asyncio.to_thread(make_own_bucket, appliance.settings.storage, "document-000")
    (await caller.http.put("/v1/settings/storage", json=own.body())).raise_for_status()
    yield own
    (await caller.http.delete("/v1/settings/storage")).raise_for_status()


async def _download(caller: Caller, hall_id: str, folder: Path) -> Path:
    """Fetch the hall's newest recording through the rooms surface."""
    link = (await caller.recordings(hall_id))[0]["downloadUrl"]
    file = folder / "recording.mp4"
    async with httpx.AsyncClient() as plain:
        file.write_bytes((await plain.get(link)).raise_for_status().content)
    return file


@pytest.mark.alone  # pictures are counted
async def test_a_session_that_two_people_leave(halls: HallCaller, caller: Caller, tmp_path: Path) -> None:
    # "Enable recording": "Pass record: true when creating a hall"
    began_s = time.monotonic()
    hall = await halls.create(name="recorded-session", record=True, metadata={"customer": "c1"})
    hall_id = hall["hall_id"]

    # Enable recording: "Recording begins as soon as the hall is created."
    started = await halls.event("recording.started", hall_id)
    [recording] = await halls.get(f"/v1/halls/{hall_id}/recordings")
    recording_id = recording["recording_id"]

    # "The recording object", "Recording lifecycle": "Hall is open and recording is in progress."
    assert recording == {
        "recording_id": recording_id,
        "hall_id": hall_id,
        "status": "recording",
        "duration_seconds": None,
        "file_size_bytes": None,
        "bucket_path": None,
        "created_at": recording["created_at"],
        "completed_at": None,
    }
    assert _ISO_MS.match(recording["created_at"])
    assert started["data"] == {**recording, "metadata": {"customer": "c1"}}

    first = await halls.join(hall["join_token"], 0)
    second = await halls.join(await halls.token(hall_id, "guest"), 1)
    await halls.until_count(hall_id, 2)
    await asyncio.sleep(4)
    await asyncio.gather(first.leave(), second.leave())

    # Enable recording: "When … the last participant leaves …, Relay finalises the recording and uploads it to your bucket."
    complete = await halls.until_status(recording_id, "complete")
    assert complete["created_at"] == recording["created_at"]
    assert _ISO_MS.match(complete["completed_at"])
    assert complete["bucket_path"].startswith(f"{hall_id}/")

    # Recording lifecycle: "Subscribe to the recording.complete webhook event to know exactly when a file is ready in your bucket"
    event = await halls.event("recording.complete", hall_id)
    assert event["data"] == {**complete, "metadata": {"customer": "c1"}}

    file = await _download(caller, hall_id, tmp_path)
    assert file.stat().st_size == complete["file_size_bytes"]
    facts = inspect(file, [0, 1])
    assert facts.duration_s == pytest.approx(complete["duration_seconds"], abs=0.6)
    assert 4 <= complete["duration_seconds"] <= time.monotonic() - began_s
    assert min(facts.seen[person].pictures for person in (0, 1)) > 10

    # The same recording on the other surfaces.
    [on_rooms] = await caller.recordings(hall_id)
    assert on_rooms["recordingId"] == recording_id
    assert (on_rooms["file"], on_rooms["size"]) == (complete["bucket_path"], complete["file_size_bytes"])
    on_library = (await halls.get(f"/api/v1/recordings/{recording_id}"))["data"]
    assert on_library["status"] == "ready"
    assert (await halls.hall(hall_id))["status"] == "active"  # it is the recording that ended, not the hall

    # Whoever comes later starts a new one; "When the hall is closed … Relay finalises the recording".
    await halls.join(hall["join_token"], 0)
    await halls.event("recording.started", hall_id, nth=2)
    assert await halls.close(hall_id) == 204
    await halls.event("recording.complete", hall_id, nth=2)
    listed = await halls.get(f"/v1/halls/{hall_id}/recordings")
    assert [one["recording_id"] for one in listed[1:]] == [recording_id]
    assert [one["status"] for one in listed] == ["complete", "complete"]

    # Each was told once.
    ids = [headers["webhook-id"] for headers, _ in caller.endpoint.deliveries]
    assert len(ids) == len(set(ids))
    assert len(halls.events("recording.complete", hall_id)) == 2
    ended = [e for _, e in caller.endpoint.deliveries if json.loads(e)["event"] == "egress_ended"]
    assert len([e for e in ended if json.loads(e)["roomId"] == hall_id]) == 2


async def test_lifecycle_from_recording_through_processing(halls: HallCaller) -> None:
    hall = await halls.create(name="lifecycle", record=True)
    await halls.join(hall["join_token"], 0)
    await halls.until_count(hall["hall_id"], 1)
    recording_id = await halls.until_recorded(hall["hall_id"])
    assert await halls.close(hall["hall_id"]) == 204

    # Recording lifecycle, "processing": "Hall closed. Relay is packaging the final file."
    shown = await halls.get(f"/v1/recordings/{recording_id}")
    assert shown["status"] in {"processing", "complete"}

    # Recording lifecycle, "complete": "File uploaded to your S3 bucket at bucket_path."
    complete = await halls.until_status(recording_id, "complete")
    assert complete["file_size_bytes"] > 0

    # A close leaves this one recording, although somebody was there until the end.
    await asyncio.sleep(3)
    assert await halls.get(f"/v1/halls/{hall['hall_id']}/recordings") == [complete]
    assert halls.events("recording.failed", hall["hall_id"]) == []


async def test_a_recording_that_the_bucket_refuses_has_failed(
    halls: HallCaller, caller: Caller, own_bucket: OwnBucket
) -> None:
    hall = await halls.create(name="refused", record=True, metadata={"customer": "c1"})
    recording_id = await halls.until_recorded(hall["hall_id"])
    own_bucket.change_secret("another-secret-than-in-settings")
    assert await halls.close(hall["hall_id"]) == 204

    # Recording lifecycle, "failed": "Recording failed. Check your S3 credentials in Settings."
    failed = await halls.until_status(recording_id, "failed")
    shown = {"duration_seconds": None, "file_size_bytes": None, "bucket_path": None, "completed_at": None}
    assert failed == {**failed, **shown}
    event = await halls.event("recording.failed", hall["hall_id"])
    error = event["data"]["error"]
    assert event["data"] == {**failed, "error": error, "metadata": {"customer": "c1"}}
    assert "signature" in error.lower()  # the store's own words
    ended = [json.loads(body) for _, body in caller.endpoint.deliveries]
    [flat] = [e for e in ended if e["event"] == "egress_ended" and e["roomId"] == hall["hall_id"]]
    assert (flat["file"], flat["duration"], flat["size"], flat["error"]) == (None, 0, 0, error)

    # With the right credentials the file, which was kept, gets there after all.
    own_bucket.change_secret(own_bucket.secret_access_key)
    (await caller.http.post(f"/api/v1/recordings/{recording_id}/retry")).raise_for_status()
    complete = await halls.until_status(recording_id, "complete")
    assert complete["bucket_path"] in own_bucket.keys(hall["hall_id"])
    assert len(halls.events("recording.failed", hall["hall_id"])) == 1


async def test_a_caller_who_stops_the_recording_is_not_overruled(halls: HallCaller, caller: Caller) -> None:
    hall = await halls.create(name="stopped", record=True)
    hall_id = hall["hall_id"]
    await halls.join(hall["join_token"], 0)
    await halls.until_count(hall_id, 1)
    recording_id = await halls.until_recorded(hall_id)
    await caller.stop(hall_id)
    await halls.until_status(recording_id, "complete")
    assert await caller.status(hall_id) == {"active": False}
    await halls.join(await halls.token(hall_id, "late"), 1)
    await halls.event("recording.started", hall_id, nth=2)
    assert await halls.close(hall_id) == 204


async def test_a_recording_that_is_not_there(halls: HallCaller) -> None:
    answer = await halls.http.get("/v1/recordings/rec_unknown")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "recording_not_found"
    answer = await halls.http.get("/v1/halls/h_unknown/recordings")
    assert answer.status_code == 404
