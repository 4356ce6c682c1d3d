"""Trouble with the store that passes is waited out; trouble that does not ends the egress and keeps the file."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from livekit import api

from rtcstack.domain.loss import read_recovered
from rtcstack.egress.container.index import index_path, unpack_index
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import (
    PATIENCE_S,
    Caller,
    Hooks,
    WorkerProcess,
    end_process,
    sentences,
)
from tests.integration.egress.dispatcher.room import Room
from tests.integration.egress.recorder.footage import RATE_HZ, Footage
from tests.support.own_bucket import make_own_bucket
from tests.support.single_part import SinglePart

_NEAR_S = 0.1


async def test_an_egress_stays_ending_until_the_store_is_back(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, minio_server: SinglePart
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.to_thread(minio_server.stop)
    await caller.stop(started.egress_id)
    info = await _until_told(
        caller, started.egress_id, lambda details: "; upload waits: the store at " in details
    )
    assert info.status == api.EgressStatus.EGRESS_ENDING
    assert worker.folders() == [started.egress_id]
    await asyncio.to_thread(minio_server.start)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert sentences(ended) == ["End reason: StopEgress API"]
    await worker.wait_until_empty()


async def test_a_second_sigterm_leaves_the_upload_to_the_next_start(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, minio_server: SinglePart
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.to_thread(minio_server.stop)
    worker.signal(signal.SIGTERM)
    await hooks.wait_for(started.egress_id, "egress_updated", "ENDING")
    worker.signal(signal.SIGTERM)
    assert await worker.wait() == 0
    assert worker.folders() == [started.egress_id]
    await asyncio.to_thread(minio_server.start)
    worker.start()
    await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    await worker.wait_until_empty()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"bucket": "not-there"}, "NoSuchBucket"),
        ({"endpoint": "http://169.254.169.254"}, "leads to a network that this server does not connect to"),
    ],
)
async def test_a_store_that_refuses_the_keys_of_a_request_ends_it_at_once_in_its_own_words_and_the_file_is_kept(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    settings: Settings,
    change: dict[str, Any],
    words: str,
) -> None:
    own = settings.storage
    right = {
        "access_key": own.access_key.get_secret_value(),
        "secret": own.secret_key.get_secret_value(),
        "bucket": own.bucket,
        "endpoint": own.url,
    }
    started = await caller.start(s3=api.S3Upload(**{**right, **change}))
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "FAILED")
    assert words in ended["error"]
    kept = worker.spool / started.egress_id / "recording.mp4"
    content = kept.read_bytes()
    _check_plays(kept)
    worker.signal(signal.SIGTERM)
    await worker.wait()
    worker.start()
    assert kept.read_bytes() == content


def _check_plays(kept: Path) -> None:
    """Decode it from its first picture to its last, and hold both against its index."""
    footage = Footage.read(kept)
    index = unpack_index(index_path(kept).read_bytes())
    assert footage.pictures[0][0] == 0
    lasted_s = index.duration_ms / 1000
    assert footage.pictures[-1][0] == pytest.approx(lasted_s, abs=_NEAR_S)
    assert len(footage.sound) / RATE_HZ == pytest.approx(lasted_s, abs=_NEAR_S)


async def test_what_a_death_took_is_told_of_a_file_that_the_store_refuses(room: Room) -> None:
    """A retry may bring it there, and nobody else knows by then."""
    worker, storage = room.worker, room.settings.storage
    own = make_own_bucket(storage, storage.bucket, user=f"user-{uuid4().hex[:8]}")
    worker.kill()
    worker.start(
        RTCSTACK_STORAGE__ACCESS_KEY=own.access_key_id, RTCSTACK_STORAGE__SECRET_KEY=own.secret_access_key
    )
    egress_id = await room.record()
    await room.until_recorded(egress_id, part=1, seconds=1.5)
    end_process(worker.recorder_pid(egress_id))
    await room.until_recorded(egress_id, part=2, seconds=1.5)
    own.change_secret("another-one")
    await room.caller.stop(egress_id)
    ended = await room.hooks.wait_for(egress_id, "egress_ended", "FAILED")
    assert "SignatureDoesNotMatch" in ended["error"]
    told = read_recovered(ended["details"])
    assert told, ended["details"]
    assert len(told) == 1
    assert told[0].lost_ms > 0


async def test_words_of_a_store_that_refuses_are_taken_back_once_its_keys_are_mended(
    stopped_worker: WorkerProcess, hooks: Hooks, caller: Caller, settings: Settings
) -> None:
    own = make_own_bucket(settings.storage, settings.storage.bucket, user=f"user-{uuid4().hex[:8]}")
    own.change_secret("another-one")
    stopped_worker.start(
        RTCSTACK_STORAGE__ACCESS_KEY=own.access_key_id, RTCSTACK_STORAGE__SECRET_KEY=own.secret_access_key
    )
    started = await caller.start()
    refused = await _until_told(caller, started.egress_id, lambda details: "upload waits" in details)
    assert "SignatureDoesNotMatch" in refused.details
    own.change_secret(own.secret_access_key)
    mended = await _until_told(caller, started.egress_id, lambda details: "upload waits" not in details)
    assert mended.status == api.EgressStatus.EGRESS_ACTIVE
    await caller.stop(started.egress_id)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert sentences(ended) == ["End reason: StopEgress API"]


async def _until_told(caller: Caller, egress_id: str, is_so: Callable[[str], bool]) -> api.EgressInfo:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so((info := await caller.get(egress_id)).details):
            await asyncio.sleep(0.1)
    return info
