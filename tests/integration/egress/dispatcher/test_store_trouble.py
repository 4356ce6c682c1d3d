"""Trouble with the store that passes is waited out; trouble that does not ends the egress and keeps the file."""

import asyncio
import signal
from typing import Any

import pytest
from livekit import api

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess, sentences
from tests.support.single_part import SinglePart


async def test_an_egress_stays_ending_until_the_store_is_back(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, minio_server: SinglePart
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.to_thread(minio_server.stop)
    await caller.stop(started.egress_id)
    async with asyncio.timeout(PATIENCE_S):
        while "; upload waits: the store at " not in (info := await caller.get(started.egress_id)).details:
            await asyncio.sleep(0.1)
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
    assert (worker.spool / started.egress_id / "recording.mp4").stat().st_size
    worker.signal(signal.SIGTERM)
    await worker.wait()
    worker.start()
    assert (worker.spool / started.egress_id / "recording.mp4").exists()
