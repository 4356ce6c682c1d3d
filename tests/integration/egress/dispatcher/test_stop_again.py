"""A stop that did not reach the worker, and that LiveKit's books have taken note of: it is repeated."""

from pathlib import Path

import pytest
from livekit import api

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.domain.recording import RecordingState
from rtcstack.repositories import recordings
from rtcstack.services.composite import CompositeOptions
from rtcstack.settings import Settings
from tests.integration.api.conftest import open_api
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess
from tests.integration.egress.dispatcher.room import until
from tests.support.database import put_database
from tests.support.single_part import SinglePart

_TENANT, _ROOM = "default", "stopped-meanwhile"


async def test_a_worker_that_came_back_just_before_the_stop_was_noted_is_told_again(
    worker: WorkerProcess, hooks: Hooks, fleet: FleetReadiness, settings: Settings, tmp_path: Path
) -> None:
    """It asked the books a moment before, and goes on: they say ENDING, the row STOPPING, and it records."""
    own = settings.model_copy(update={"data": tmp_path / "api"})
    own.data.mkdir()
    put_database(own.database_path)
    async with open_api(own) as opened:
        services, db = opened.platform.services, opened.platform._adapters.db
        await services.rooms.create(_TENANT, room_id=_ROOM, name=None, max_participants=None, metadata={})
        recording = await services.recording_start.start(_TENANT, _ROOM, CompositeOptions())
        egress_id = recording.egress_id or ""
        await hooks.wait_for(egress_id, "egress_updated", "ACTIVE")
        async with db.transaction() as tx:
            assert await recordings.stop(tx, recording.id, recording.started_at_ms)
            sql = "UPDATE recordings SET started_at_ms = started_at_ms - 60000 WHERE id = :id"
            await tx.execute(sql, id=recording.id)
        await fleet.note_stop(egress_id)
        await hooks.wait_for(egress_id, "egress_updated", "ENDING")
        assert worker.folders() == [egress_id]

        await services.catch_up.run_once()
        ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
        assert ended["details"].startswith("End reason: StopEgress API")

        async def is_stored() -> bool:
            await services.catch_up.run_once()
            now = await recordings.find(db, recording.id)
            return now is not None and now.state in {RecordingState.PROCESSING, RecordingState.READY}

        await until(is_stored)


async def test_one_that_is_only_being_uploaded_is_not_disturbed_by_being_stopped_again(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, minio_server: SinglePart
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    minio_server.stop()
    try:
        await caller.stop(started.egress_id)
        await worker.until_logged("upload waits")
        before = await caller.get(started.egress_id)
        for _ in range(3):
            again = await caller.stop(started.egress_id)
            assert again.status == api.EgressStatus.EGRESS_ENDING
        now = await caller.get(started.egress_id)
        assert (now.status, now.ended_at) == (before.status, before.ended_at)
    finally:
        minio_server.start()
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert ended["details"].startswith("End reason: StopEgress API")
    await worker.wait_until_empty()


async def test_of_one_that_is_ending_livekit_says_while_its_worker_is_silent_that_it_cannot_be_stopped(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, fleet: FleetReadiness
) -> None:
    """As it does of one that has ended, which is why that is not believed of one that is ending."""
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    worker.kill()
    await fleet.note_stop(started.egress_id)
    with pytest.raises(api.TwirpError, match="EGRESS_ENDING cannot be stopped") as caught:
        await caller.stop(started.egress_id)
    assert caught.value.code == api.TwirpErrorCode.FAILED_PRECONDITION
