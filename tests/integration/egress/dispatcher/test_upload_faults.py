"""What goes wrong while a recording is uploaded ahead never harms it, and leaves nothing unfinished in the store."""

import asyncio
import hashlib
import shutil
import signal
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio

from rtcstack.egress.dispatcher import upload_parts
from rtcstack.egress.dispatcher.store import Store
from rtcstack.errors import PartRefused
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher import sending
from tests.integration.egress.dispatcher.ahead import (
    PART_BYTES,
    Ahead,
    content,
    throw_away,
    unfinished,
    until,
)
from tests.support.single_part import SinglePart


@pytest.fixture
def ahead(settings: Settings, bucket: Minio, tmp_path: Path) -> Ahead:
    del bucket  # only has to run
    return Ahead.make(tmp_path / "spool", f"faults/{uuid4().hex}.mp4", settings)


def _in_bucket(ahead: Ahead, bucket: Minio, settings: Settings) -> bytes:
    """Return the object, after looking whether anything unfinished is left beside it."""
    name, key = settings.storage.bucket, ahead.order.object_key
    assert unfinished(bucket, name, key) == []
    return content(bucket, name, key)


async def test_a_store_that_is_away_for_a_while_is_found_again(
    ahead: Ahead, bucket: Minio, settings: Settings, minio_server: SinglePart
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    await asyncio.to_thread(minio_server.stop)
    ahead.ahead.start(ahead.source)
    ahead.part.grow(4 * PART_BYTES)
    await asyncio.sleep(0)
    await asyncio.to_thread(minio_server.start)
    await until(lambda: ahead.sent == [2, 3, 4], "what was recorded meanwhile")
    await ahead.ahead.halt()
    ahead.part.end()
    await ahead.deliver()
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()


async def test_a_store_that_refuses_until_its_keys_are_mended_gets_the_rest_while_it_is_recorded(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    refusals = [PartRefused("The Access Key Id you provided does not exist.", part="minio")] * 2

    async def source() -> Store:
        if refusals:
            raise refusals.pop()
        return await ahead.source()

    ahead.ahead.start(source)
    ahead.part.grow(3 * PART_BYTES)
    await until(lambda: ahead.sent == [2, 3], "what was recorded while the keys were wrong")
    await ahead.ahead.halt()
    ahead.part.end()
    await ahead.deliver()
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()


async def test_a_store_that_is_away_until_the_end_gets_the_rest_then(
    ahead: Ahead, bucket: Minio, settings: Settings, minio_server: SinglePart
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    await asyncio.to_thread(minio_server.stop)
    ahead.part.grow(3 * PART_BYTES)
    ahead.part.end()
    delivering = asyncio.create_task(ahead.deliver())
    await until(lambda: ahead.journal.facts.made is not None, "the finished file")
    assert not delivering.done()
    await asyncio.to_thread(minio_server.start)
    await delivering
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()


async def test_a_worker_that_was_killed_in_the_middle_is_gone_on_from_where_it_was(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, sending.__file__, *sending.arguments(ahead, settings)
    )
    try:
        ahead.part.grow(4 * PART_BYTES)
        await until(lambda: b"part_sent" in _journal(ahead), "a part that another process has sent")
    finally:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    ahead.part.end()
    ahead.restart()
    (upload_id,) = unfinished(bucket, settings.storage.bucket, ahead.order.object_key)
    assert ahead.journal.facts.upload is not None
    assert ahead.journal.facts.upload.upload_id == upload_id
    before = _journal(ahead).count(b"part_sent")
    await ahead.deliver()
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()
    assert _journal(ahead).count(b"part_sent") == 5
    assert _journal(ahead).count(b"upload_begun") == 1
    assert 0 < before < 5


def _journal(ahead: Ahead) -> bytes:
    return ahead.folder.journal.read_bytes() if ahead.folder.journal.exists() else b""


async def test_an_upload_that_the_store_forgot_is_made_whole(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    name, key = settings.storage.bucket, ahead.order.object_key
    assert len(throw_away(bucket, name, key)) == 1
    ahead.part.end()
    stored = await ahead.deliver()
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()
    head = bucket.stat_object(name, key)
    assert (head.metadata or {})["x-amz-meta-rtcstack-sha256"] == stored.sha256


async def test_what_the_store_threw_away_while_it_is_recorded_goes_from_its_beginning(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    """Many stores keep what is unfinished for a day or a week; a recording may be longer."""
    await ahead.send_while(3 * PART_BYTES, parts=2)
    name, key = settings.storage.bucket, ahead.order.object_key
    (upload_id,) = throw_away(bucket, name, key)
    ahead.ahead.start(ahead.source)
    ahead.part.grow(5 * PART_BYTES)
    await until(lambda: ahead.sent == [2, 3, 4, 5], "all of it once more")
    await ahead.ahead.halt()
    assert unfinished(bucket, name, key) not in ([], [upload_id])
    ahead.part.end()
    await ahead.deliver()
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()
    head = bucket.stat_object(name, key)
    assert (head.metadata or {})["x-amz-meta-rtcstack-facts"] == "index"


async def test_a_part_that_is_not_what_lies_on_the_disk_is_sent_again(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    """After a power cut the disk may lack what the store has."""
    await ahead.send_while(3 * PART_BYTES, parts=2)
    ahead.part.end()
    await _put(ahead, 2, b"\0" * PART_BYTES)
    ahead.restart()
    await ahead.deliver()
    assert _in_bucket(ahead, bucket, settings) == ahead.part.file.read_bytes()


async def _put(ahead: Ahead, number: int, data: bytes) -> None:
    upload, target = ahead.journal.facts.upload, await ahead.source()
    assert upload is not None
    sent = upload_parts.put(target, ahead.order.object_key, upload.upload_id, number, data)
    await ahead.journal.append(sent)


async def test_a_lost_answer_to_the_last_call_is_no_reason_to_begin_anew(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    ahead.part.end()
    target, file = await ahead.source(), ahead.part.file
    await ahead.session.send_rest(target, file)
    await ahead.session.complete(target, file)
    made = bucket.stat_object(settings.storage.bucket, ahead.order.object_key)
    ahead.restart()
    await ahead.deliver()
    after = bucket.stat_object(settings.storage.bucket, ahead.order.object_key)
    assert (after.etag, after.last_modified) == (made.etag, made.last_modified)
    assert _in_bucket(ahead, bucket, settings) == file.read_bytes()


async def test_a_recorder_that_was_killed_leaves_a_file_that_is_mended_and_uploaded_whole(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(3 * PART_BYTES, parts=2)
    stored = await ahead.deliver()
    assert stored.recovered
    data = _in_bucket(ahead, bucket, settings)
    assert hashlib.sha256(data).hexdigest() == stored.sha256
    assert data == ahead.folder.recording.read_bytes()


async def test_a_second_part_makes_it_a_file_that_is_joined_and_uploaded_whole(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    ahead.part.end()
    shutil.copy(ahead.part.file, ahead.folder.path / "part-2.mp4")
    stored = await ahead.deliver()
    assert stored.duration_ms == pytest.approx(2 * ahead.part.seconds * 1000, abs=50)
    assert hashlib.sha256(_in_bucket(ahead, bucket, settings)).hexdigest() == stored.sha256


async def test_a_recording_that_comes_to_nothing_leaves_nothing_in_the_store(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.send_while(2 * PART_BYTES, parts=1)
    ahead.restart()
    await ahead.session.tidy(ahead.source)
    assert unfinished(bucket, settings.storage.bucket, ahead.order.object_key) == []
    assert ahead.journal.facts.upload is None


async def test_an_upload_whose_id_never_arrived_is_ended_too(
    ahead: Ahead, bucket: Minio, settings: Settings
) -> None:
    await ahead.session.begin(await ahead.source())
    name, key = settings.storage.bucket, ahead.order.object_key
    assert len(unfinished(bucket, name, key)) == 1
    lines = ahead.folder.journal.read_bytes().splitlines(keepends=True)
    ahead.folder.journal.write_bytes(b"".join(line for line in lines if b"upload_begun" not in line))
    ahead.restart()
    await ahead.session.tidy(ahead.source)
    assert unfinished(bucket, name, key) == []
