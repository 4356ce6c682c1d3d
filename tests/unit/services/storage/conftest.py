"""A tenant with a bucket of its own, in memory."""

from dataclasses import replace
from typing import Any

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import Recording
from rtcstack.services.storage.settings import BucketDraft
from tests.fakes.storage import FakeStorage
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library import conftest as library

ENDPOINT = "http://127.0.0.1:9"
SECRET = "a-secret-of-the-tenant"


def draft(bucket: str = "acme-1", **other: Any) -> BucketDraft:
    fields = {"access_key_id": "AK", "secret_access_key": SECRET, "endpoint": ENDPOINT}
    return BucketDraft(**{"bucket": bucket, **fields, **other})


class Owner:
    """The tests' tenant, as it sets its storage."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def uses(self, bucket: str = "acme-1", **other: Any) -> OwnBucket:
        made: OwnBucket = await self.world.storage_settings.put(TENANT, draft(bucket, **other))
        return made

    def store(self, bucket: str = "acme-1") -> FakeStorage:
        return self.world.opener.store(ENDPOINT, bucket)

    async def recorded(self, room_id: str, store: FakeStorage, data: bytes = b"a film") -> Recording:
        """Return a recording that is ready, its object and index in the store, and nothing is to be done with."""
        recording = await library.stalled(self.world, room_id)
        digest = store.fill(recording.object_key, data)
        store.fill(recording.object_key, data, {"rtcstack-sha256": digest})
        store.fill(recording.object_key.replace(".mp4", ".index.json.gz"), b"its index")
        told = library.egress_of(recording, EgressStatus.COMPLETE)
        await library.tell(self.world, replace(told, size_bytes=len(data)))
        await self.world.finalize.finalize(recording.id)
        async with self.world.db.transaction() as tx:  # what is queued for each that is ready
            await tx.execute("UPDATE jobs SET state = 'done' WHERE recording_id = :id", id=recording.id)
        return await self.world.recording(recording.id)


@pytest.fixture
def owner(world: World) -> Owner:
    return Owner(world)
