"""A recording's object in the real store is held against what the recorder measured, also one from before that was done."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from rtcstack.appliance.in_doubt import in_doubt
from rtcstack.domain.recording import Recording, RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import CONTENT, Shelf

_OLD = "UPDATE recordings SET checksum = :digest, jobs_queued_at_ms = NULL WHERE id = :id"
_TOLD = "SELECT body FROM outbox WHERE event = 'recording.unverified'"
_WAIT_S = 60


async def _old(api: Api, digest: str) -> tuple[Shelf, Recording]:
    """Return a recording of before there was verification, whose file had that digest."""
    shelf = Shelf(api)
    await shelf.room()
    recording = await shelf.add(RecordingState.READY)
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute(_OLD, id=recording.id, digest=digest)
    return shelf, recording


async def _looked_at(api: Api, shelf: Shelf, recording: Recording) -> dict[str, Any]:
    await api.platform.services.late_jobs.queue_some()
    async with asyncio.timeout(_WAIT_S):
        while not (found := await shelf.get(recording.id)).keys() & {"verified_at", "verify_error"}:
            await asyncio.sleep(0.1)
    return found


@pytest.mark.parametrize("is_there", [True, False])
async def test_what_differs_is_told_and_shown(api: Api, is_there: bool) -> None:
    shelf, recording = await _old(api, hashlib.sha256(b"what was recorded").hexdigest())
    if is_there:
        shelf.put(recording.object_key)
    found = await _looked_at(api, shelf, recording)
    assert (found["status"], "verified_at" in found) == ("ready", False)
    wanted = hashlib.sha256(CONTENT).hexdigest() if is_there else "is not in the bucket"
    assert wanted in found["verify_error"]
    [row] = await api.platform._adapters.db.all(_TOLD)
    data = json.loads(row["body"])["data"]
    assert (data["recording_id"], data["error"]) == (recording.id, found["verify_error"])
    [_, sentence] = in_doubt(api.settings.database_path).sentences()
    assert recording.id in sentence


async def test_a_container_is_opened_as_well(api: Api) -> None:
    shelf, recording = await _old(api, hashlib.sha256(CONTENT).hexdigest())
    shelf.put(recording.object_key)
    found = await _looked_at(api, shelf, recording)
    assert found["verify_error"] == "The recording cannot be decoded."
