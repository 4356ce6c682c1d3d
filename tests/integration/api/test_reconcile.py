"""What the reconciler finds and mends between the database and the real MinIO."""

import asyncio
import io
import uuid

import pytest

from rtcstack.domain.recording import Recording, RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import DESCRIPTION, Shelf
from tests.integration.api.reconciling import URL, WAIT_S, Operator, mended, open_of, operator_of
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still


async def _ready(shelf: Shelf) -> Recording:
    """Return a recording that has been ready for a while, with its object."""
    recording = await shelf.add(RecordingState.READY)
    shelf.put(recording.object_key)
    async with shelf.api.platform._adapters.db.transaction() as tx:
        sql = "UPDATE recordings SET completed_at_ms = started_at_ms - 60000 WHERE id = :id"
        await tx.execute(sql, id=recording.id)
    return recording


@pytest.fixture
async def operator(api: Api) -> Operator:
    return await operator_of(api)


@pytest.fixture
async def shelf(api: Api) -> Shelf:
    shelf = Shelf(api)
    await shelf.room()
    return shelf


async def test_only_the_operator_may(api: Api) -> None:
    for method in ("GET", "POST"):
        refused = await api.http.request(method, URL)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "operator_required")


async def test_objects_that_are_gone_or_of_another_size_are_told_until_they_are_back(
    api: Api, shelf: Shelf, operator: Operator
) -> None:
    gone, changed, whole = [await _ready(shelf) for _ in range(3)]
    shelf.s3.remove_object(shelf.bucket, gone.object_key)
    shelf.s3.put_object(shelf.bucket, changed.object_key, io.BytesIO(b"short"), 5, metadata=DESCRIPTION)
    report = await operator.look()
    assert not report["agrees"]
    assert open_of(report, gone.object_key) == mended(report, gone.object_key) == ["object_missing"]
    assert open_of(report, changed.object_key) == mended(report, changed.object_key) == ["size_mismatch"]
    assert open_of(report, whole.object_key) == []
    async with asyncio.timeout(WAIT_S):  # the customer is told
        while not (await api.platform.services.recording_query.get("default", gone.id)).verify_error:
            await asyncio.sleep(0.05)
    shown = (await api.http.get(URL, headers=operator.headers)).json()
    assert open_of(shown, gone.object_key) == ["object_missing"]
    for recording in (gone, changed):
        shelf.put(recording.object_key)
    report = await operator.look()
    assert open_of(report, gone.object_key) == open_of(report, changed.object_key) == []


async def test_an_archived_ones_object_that_is_gone_is_told_until_it_is_back(
    shelf: Shelf, operator: Operator
) -> None:
    """The archive is a bucket of its own, which no list of the reconciler's sees."""
    recording = await shelf.add(RecordingState.ARCHIVED)
    async with shelf.api.platform._adapters.db.transaction() as tx:
        sql = "UPDATE recordings SET cold_bucket = :cold_bucket, transfer = 'done' WHERE id = :id"
        await tx.execute(sql, cold_bucket=shelf.cold_bucket, id=recording.id)
    report = await operator.look()
    assert open_of(report, recording.id) == mended(report, recording.id) == ["object_missing"]
    shelf.put_cold(recording.object_key)
    assert open_of(await operator.look(), recording.id) == []


async def test_an_object_of_ours_that_no_row_knows_is_a_recording_again_and_a_strangers_is_listed(
    shelf: Shelf, operator: Operator
) -> None:
    recording_id, room = f"rec_{uuid.uuid4().hex[:20]}", f"gone-{uuid.uuid4().hex[:8]}"
    ours, strange = f"{room}/2024-04-21T10-00-00.mp4", f"{room}/2024-04-21T10-00-01.mp4"
    said = {"rtcstack-recording": recording_id, "rtcstack-tenant": "default", "rtcstack-egress": "EG_of0it"}
    shelf.put(ours, {**DESCRIPTION, **said})
    shelf.put(strange, {})
    report = await operator.look()
    assert (open_of(report, ours), mended(report, ours)) == ([], ["object_unknown"])
    assert (open_of(report, strange), mended(report, strange)) == (["object_unknown"], [])
    found = await shelf.get(recording_id)
    assert (found["status"], found["room_id"], found["duration_seconds"]) == ("ready", room, 60)
    shelf.s3.remove_object(shelf.bucket, strange)
    assert open_of(await operator.look(), strange) == []
    shelf.s3.remove_object(shelf.bucket, ours)  # another test's API would adopt it as well


async def test_a_store_that_hangs_keeps_no_other_check_from_looking(
    shelf: Shelf, operator: Operator, minio_server: SinglePart
) -> None:
    recording = await _ready(shelf)
    shelf.s3.remove_object(shelf.bucket, recording.object_key)
    assert open_of(await operator.look(), recording.object_key) == ["object_missing"]
    with standing_still(minio_server.pid):
        report = await operator.look()
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["bucket"]["error"]
    assert [name for name, check in checks.items() if check["error"] or check["is_running"]] == ["bucket"]
    assert open_of(report, recording.object_key) == ["object_missing"]  # what was known stands
    assert (await operator.look())["checks"]
