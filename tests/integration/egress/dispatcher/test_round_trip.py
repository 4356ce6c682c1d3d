"""From LiveKit's ordinary Egress API to an object in the store and LiveKit's ordinary webhooks."""

import asyncio
import io
from uuid import uuid4

import av
import pytest
from livekit import api
from minio import Minio

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess, sentences

_STORY = [
    ("egress_started", "EGRESS_STARTING"),
    ("egress_updated", "EGRESS_ACTIVE"),
    ("egress_updated", "EGRESS_ENDING"),
    ("egress_ended", "EGRESS_COMPLETE"),
]


def _fetch(bucket: Minio, name: str, key: str) -> bytes:
    with bucket.get_object(name, key) as response:
        return response.read()


async def test_a_recording_from_start_to_the_store(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings
) -> None:
    started = await caller.start(s3=api.S3Upload(metadata={"rtcstack-recording": "rec_1"}))
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(1)
    assert (await caller.stop(started.egress_id)).status == api.EgressStatus.EGRESS_ENDING
    ended = await hooks.wait_for(started.egress_id, "egress_ended")
    assert hooks.of(started.egress_id) == _STORY
    assert sentences(ended) == ["End reason: StopEgress API"]

    info = await caller.get(started.egress_id)
    file = info.file_results[0]
    key = f"{caller.room_name}/take.mp4"
    content = _fetch(bucket, settings.storage.bucket, key)
    assert (file.filename, file.size) == (key, len(content))
    assert file.location == f"{settings.storage.url}/{settings.storage.bucket}/{key}"
    assert file.started_at + file.duration <= info.ended_at
    with av.open(io.BytesIO(content), "r") as container:
        assert container.duration == pytest.approx(file.duration / 1000, abs=1000)
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    metadata = bucket.stat_object(settings.storage.bucket, key).metadata or {}
    assert metadata["x-amz-meta-rtcstack-recording"] == "rec_1"
    assert metadata["x-amz-meta-rtcstack-egress"] == started.egress_id
    assert metadata["x-amz-meta-rtcstack-video"] == "h264,1280x720,30"
    assert metadata["x-amz-meta-rtcstack-audio"] == "aac,48000,2"
    assert bucket.stat_object(settings.storage.bucket, f"{caller.room_name}/take.index.json.gz").size
    await worker.wait_until_empty()


async def test_the_newer_request_form_does_the_same(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    del worker  # only has to run
    started = await caller.lk.egress.start_egress(
        api.StartEgressRequest(
            room_name=caller.room_name,
            template=api.TemplateSource(layout="grid"),
            advanced=api.EncodingOptions(width=640, height=360, framerate=15),
            outputs=[api.Output(file=api.FileOutput(filepath=f"{caller.room_name}/new.mp4"))],
        )
    )
    assert started.egress.room_name == caller.room_name
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await caller.stop(started.egress_id)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert ended["fileResults"][0]["filename"] == f"{caller.room_name}/new.mp4"


async def test_it_ends_by_itself_when_the_room_closes(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    del worker  # only has to run
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await caller.lk.room.delete_room(api.DeleteRoomRequest(room=caller.room_name))
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert sentences(ended) == ["End reason: Source closed"]


async def test_a_store_of_the_callers_own_is_used_and_its_keys_are_told_to_nobody(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings
) -> None:
    name, own = f"own-{uuid4().hex[:8]}", settings.storage
    await asyncio.to_thread(bucket.make_bucket, name)
    key, secret = own.access_key.get_secret_value(), own.secret_key.get_secret_value()
    s3 = api.S3Upload(access_key=key, secret=secret, bucket=name, endpoint=own.url, region=own.region)
    started = await caller.start(s3=s3)
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    kept = b"".join(file.read_bytes() for file in worker.spool.rglob("*.json*"))
    await caller.stop(started.egress_id)
    await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert await asyncio.to_thread(bucket.stat_object, name, f"{caller.room_name}/take.mp4")
    told = [str(hooks.events), str(started), str(await caller.get(started.egress_id)), worker.log.read_text()]
    assert not [text for text in (*told, kept.decode()) if secret in text or key in text]


async def test_stopping_again_and_stopping_a_stranger(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    del worker  # only has to run
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.gather(*(caller.stop(started.egress_id) for _ in range(3)))
    await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    with pytest.raises(api.TwirpError, match="cannot be stopped"):
        await caller.stop(started.egress_id)
    with pytest.raises(api.TwirpError, match="egress does not exist"):
        await caller.stop("EG_nobody")
