"""The recordings library on the real LiveKit and MinIO: what each call does to rows and objects."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from rtcstack.domain.recording import RecordingState
from rtcstack.egress.dispatcher.journal import Closed, Journal
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.settings import Settings
from tests.integration.api.conftest import Api, open_api
from tests.integration.api.library import CONTENT, Shelf
from tests.unit.egress.test_finish import pictures, record

_ALL = "/api/v1/recordings"
_WAIT_S = 15


@pytest.fixture
async def shelf(api: Api) -> Shelf:
    shelf = Shelf(api)
    for key in shelf.keys(shelf.bucket):
        shelf.s3.remove_object(shelf.bucket, key)
    await shelf.room()
    return shelf


async def _until(shelf: Shelf, recording_id: str, **wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(_WAIT_S):
        while (found := await shelf.get(recording_id)) | wanted != found:
            await asyncio.sleep(0.05)
    return found


async def test_archived_at_once_then_moved_then_restored_byte_for_byte(api: Api, shelf: Shelf) -> None:
    recording = await shelf.add(RecordingState.READY)
    shelf.put(recording.object_key)
    answer = await api.http.post(f"{_ALL}/{recording.id}/archive")
    assert answer.status_code == 200
    archived_at = answer.json()["data"]["archived_at"]
    assert answer.json() == {"data": {"id": recording.id, "status": "archived", "archived_at": archived_at}}
    await _until(shelf, recording.id, transfer="done", archived_at=archived_at)
    assert recording.object_key in shelf.keys(shelf.cold_bucket) - shelf.keys(shelf.bucket)
    refused = await api.http.get(f"{_ALL}/{recording.id}/download")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "recording_archived")
    assert "/restore" in refused.json()["error"]["message"]
    restored = await api.http.post(f"{_ALL}/{recording.id}/restore")
    assert (restored.status_code, restored.json()["data"]["status"]) == (202, "archived")
    found = await _until(shelf, recording.id, status="ready")
    assert (found["transfer"], "archived_at" in found) == ("done", False)
    assert recording.object_key in shelf.keys(shelf.bucket) - shelf.keys(shelf.cold_bucket)
    link = (await api.http.get(f"{_ALL}/{recording.id}/download")).json()
    async with httpx.AsyncClient() as plain:
        got = await plain.get(link["download_url"])
    assert got.content == CONTENT
    name = f"{recording.room_id}-{recording.object_key.rsplit('/', 1)[1]}"
    assert name in got.headers["content-disposition"]


async def test_the_download_of_a_ready_one_is_bare(api: Api, shelf: Shelf) -> None:
    recording = await shelf.add(RecordingState.READY)
    body = (await api.http.get(f"{_ALL}/{recording.id}/download")).json()
    assert body == {
        "recording_id": recording.id,
        "download_url": body["download_url"],
        "status": "ready",
        "duration": 60,
        "file_size": len(CONTENT),
        "provider": "minio",
    }


async def test_a_stalled_one_is_recovered_from_the_bucket_or_fails_with_a_reason(
    api: Api, shelf: Shelf
) -> None:
    saved = await shelf.add(RecordingState.STOPPING)
    shelf.put(saved.object_key)
    lost = await shelf.add(RecordingState.PROCESSING)
    for recording in (saved, lost):
        answer = await api.http.post(f"{_ALL}/{recording.id}/recover")
        assert answer.status_code == 200
        assert answer.json() == {
            "data": {
                "id": recording.id,
                "status": "processing",
                "message": "Recovery initiated. Recording will be reprocessed.",
            }
        }
    assert (await _until(shelf, saved.id, status="ready"))["size_bytes"] == len(CONTENT)
    failed = await _until(shelf, lost.id, status="failed")
    assert failed["error_code"] == "not_recovered"
    refused = await api.http.get(f"{_ALL}/{lost.id}/download")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "recording_failed")
    assert (await api.http.post(f"{_ALL}/{lost.id}/retry")).json()["error"]["code"] == "file_missing"
    shelf.put(lost.object_key)
    again = await api.http.post(f"{_ALL}/{lost.id}/retry")
    assert (again.status_code, again.json()["data"]["status"]) == (200, "processing")
    await _until(shelf, lost.id, status="ready")


async def test_parts_that_a_worker_gave_up_become_the_recording_by_a_retry(api: Api, shelf: Shelf) -> None:
    lost = await shelf.add(
        RecordingState.FAILED, egress_id="EG_given_up", error="the parts could not be joined"
    )
    order = Order("EG_given_up_1", "RM", "room", lost.object_key, 1, Encoding(), "grid", True, True)
    folder = SpoolFolder(api.settings.spool_path / order.egress_id)
    folder.path.mkdir(parents=True)
    (folder.path / "request.json").write_bytes(msgspec.json.encode(order))
    for number, is_killed in ((1, True), (2, False)):
        record(folder.path / f"part-{number}.mp4", 2.0, killed=is_killed)
    await Journal(folder.journal).append(Closed())
    again = await api.http.post(f"{_ALL}/{lost.id}/retry")
    assert (again.status_code, again.json()["data"]["status"]) == (200, "processing")
    found = await _until(shelf, lost.id, status="ready")
    link = (await api.http.get(f"{_ALL}/{lost.id}/download")).json()
    async with httpx.AsyncClient() as plain:
        got = await plain.get(link["download_url"])
    assert len(got.content) == found["size_bytes"]
    file = api.settings.spool_path / "got.mp4"
    file.write_bytes(got.content)
    assert 105 <= pictures(file) <= 120, "the first part has lost half a second at most"
    assert lost.object_key.replace(".mp4", ".index.json.gz") in shelf.keys(shelf.bucket)
    assert not (await asyncio.to_thread(folder.path.exists))


async def test_pages_and_filters(api: Api, shelf: Shelf) -> None:
    await shelf.room("other")
    made = [await shelf.add(RecordingState.READY) for _ in range(5)]
    made += [await shelf.add(RecordingState.FAILED, "other", error="x")]
    made += [await shelf.add(RecordingState.STOPPING, "other")]
    first = (await api.http.get(_ALL, params={"limit": 3})).json()
    assert [r["id"] for r in first["data"]] == [r.id for r in made[:3]]
    assert {k: first["meta"][k] for k in ("total", "limit", "offset")} == {
        "total": 7,
        "limit": 3,
        "offset": 0,
    }
    rest = (await api.http.get(_ALL, params={"cursor": first["meta"]["next_cursor"]})).json()
    assert [r["id"] for r in rest["data"]] == [r.id for r in made[3:]]
    assert "next_cursor" not in rest["meta"]
    far = (await api.http.get(_ALL, params={"offset": 5, "limit": 1000})).json()
    assert (len(far["data"]), far["meta"]) == (2, {"total": 7, "limit": 100, "offset": 5})
    for params, total in (
        ({"room_id": "other"}, 2),
        ({"status": "ready"}, 5),
        ({"status": "processing", "room_id": "other"}, 1),
        ({"status": "recording"}, 0),
        ({"room_id": "nowhere"}, 0),
    ):
        found = (await api.http.get(_ALL, params=params)).json()
        assert (len(found["data"]), found["meta"]["total"]) == (total, total)


async def test_a_download_link_expires(fresh: Settings) -> None:
    brief = fresh.model_copy(update={"storage": fresh.storage.model_copy(update={"presign_ttl_s": 1})})
    async with open_api(brief) as api, httpx.AsyncClient() as plain:
        shelf = Shelf(api)
        await shelf.room()
        recording = await shelf.add(RecordingState.READY)
        shelf.put(recording.object_key)
        link = (await api.http.get(f"{_ALL}/{recording.id}/download")).json()["download_url"]
        async with asyncio.timeout(_WAIT_S):
            while (got := await plain.get(link)).status_code == 200:
                await asyncio.sleep(0.2)
        assert got.status_code == 403


async def test_an_object_that_is_not_what_was_recorded_is_not_archived(api: Api, shelf: Shelf) -> None:
    recording = await shelf.add(RecordingState.READY)
    shelf.put(recording.object_key)
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute(
            "UPDATE recordings SET checksum = :sha256 WHERE id = :id", sha256="0" * 64, id=recording.id
        )
    assert (await api.http.post(f"{_ALL}/{recording.id}/archive")).status_code == 200
    found = await _until(shelf, recording.id, transfer="failed")
    assert "is not what the recorder uploaded" in found["transfer_error"]
    assert recording.object_key in shelf.keys(shelf.bucket)
