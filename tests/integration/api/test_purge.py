"""The data of deleted recordings leaves the real MinIO, and nothing else does."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rtcstack.domain.object_key import index_key, poster_key
from rtcstack.domain.recording import RecordingState
from rtcstack.settings import Settings
from rtcstack.settings.tree import Recordings
from tests.integration.api.conftest import Api, open_api
from tests.integration.api.library import Shelf

_ALL = "/api/v1/recordings"
_WAIT_S = 30


@pytest.fixture
async def shelf(fresh: Settings) -> AsyncIterator[Shelf]:
    """A shelf of a server that purges what is deleted at once."""
    settings = fresh.model_copy(update={"recordings": Recordings(deleted_retention_days=0)})
    async with open_api(settings) as api:
        shelf = Shelf(api)
        for bucket in (shelf.bucket, shelf.cold_bucket):
            for key in shelf.keys(bucket):
                shelf.s3.remove_object(bucket, key)
        await shelf.room()
        yield shelf


async def _until_gone(api: Api, shelf: Shelf, bucket: str, left: set[str]) -> None:
    async with asyncio.timeout(_WAIT_S):
        while shelf.keys(bucket) != left:
            await api.platform.services.recording_purge.queue_due()
            await asyncio.sleep(0.1)


async def test_a_deleted_recording_and_what_belongs_to_it_are_purged(shelf: Shelf) -> None:
    api = shelf.api
    deleted, kept, archived = [await shelf.add(RecordingState.READY) for _ in range(3)]
    for recording in (deleted, kept, archived):
        for key in (recording.object_key, index_key(recording.object_key), poster_key(recording.object_key)):
            shelf.put(key)
    shelf.put("shelf/readme.txt")
    assert (await api.http.post(f"{_ALL}/{archived.id}/archive")).status_code == 200
    async with asyncio.timeout(_WAIT_S):
        while (await shelf.get(archived.id)).get("transfer") != "done":
            await asyncio.sleep(0.1)
    assert archived.object_key in shelf.keys(shelf.cold_bucket)
    for recording in (deleted, archived):
        assert (await api.http.delete(f"{_ALL}/{recording.id}")).status_code == 200
    beside = {index_key(kept.object_key), poster_key(kept.object_key)}
    await _until_gone(api, shelf, shelf.bucket, {kept.object_key, *beside, "shelf/readme.txt"})
    await _until_gone(api, shelf, shelf.cold_bucket, set())
    assert (await shelf.get(kept.id))["status"] == "ready"
    for recording in (deleted, archived):
        assert (await api.http.get(f"{_ALL}/{recording.id}")).status_code == 404
        shelf.put(recording.object_key)
    synced = await api.http.post("/api/v1/rooms/shelf/recordings/sync")
    assert synced.json()["data"] == {"synced_count": 0, "recordings": []}
