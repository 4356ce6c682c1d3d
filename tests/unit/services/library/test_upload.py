"""Retry of a recording whose file is kept in the spool of this machine."""

import hashlib
from pathlib import Path

import pytest

from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.egress.dispatcher.journal import Closed, Journal, Made
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order, Spool
from rtcstack.errors import Conflict, PartRefused, PartUnavailable
from rtcstack.repositories import jobs
from tests.unit.egress.test_finish import record
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import failed, run

_FILM = b"a film that was kept"
_SMALL = Encoding(width=320, height=180)
_SHA256 = hashlib.sha256(_FILM).hexdigest()


async def _kept(world: World, recording: Recording, *, is_closed: bool = True) -> Path:
    """Leave in the spool what a worker leaves there that could not upload."""
    folder = world.settings.spool_path / (recording.egress_id or "")
    folder.mkdir(parents=True)
    (folder / "recording.mp4").write_bytes(_FILM)
    (folder / "recording.mp4.index.json.gz").write_bytes(b"its index")
    journal = Journal(folder / "journal.jsonl")
    await journal.append(Made({"rtcstack-egress": folder.name, "rtcstack-sha256": _SHA256}, 61_000))
    if is_closed:
        await journal.append(Closed())
    return folder


async def test_it_is_uploaded_from_there_and_ready(world: World) -> None:
    recording = await failed(world)
    folder = await _kept(world, recording)
    shown = await world.recording_retry.retry(TENANT, recording.id)
    assert shown.state is RecordingState.PROCESSING
    assert not await world.finalize.finalize_next()  # it is not looked for before it is there
    assert await run(world, JobKind.UPLOAD)
    now = await world.recording(recording.id)
    assert (now.state, now.size_bytes, now.duration_ms) == (RecordingState.READY, len(_FILM), 61_000)
    stored = world.storage.objects[recording.object_key]
    assert stored.metadata == {"rtcstack-egress": folder.name, "rtcstack-sha256": _SHA256}
    assert world.storage.contents[recording.object_key.replace(".mp4", ".index.json.gz")] == b"its index"
    assert not folder.exists()
    assert await world.told("recording.complete") == 1


async def test_trouble_that_passes_is_waited_out(world: World) -> None:
    recording = await failed(world)
    await _kept(world, recording)
    await world.recording_retry.retry(TENANT, recording.id)
    world.storage.fail_at("upload", PartUnavailable("gone", part="minio"), 2)
    assert await run(world, JobKind.UPLOAD)
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    world.clock.advance(2)
    assert await run(world, JobKind.UPLOAD)
    assert (await world.recording(recording.id)).state is RecordingState.READY


async def test_what_arrived_otherwise_is_sent_again_and_kept_until_then(world: World) -> None:
    recording = await failed(world)
    folder = await _kept(world, recording)
    film = folder / "recording.mp4"
    film.write_bytes(_FILM[::-1])  # as large, and not what the checksum is of
    await world.recording_retry.retry(TENANT, recording.id)
    assert await run(world, JobKind.UPLOAD)
    assert (await world.recording(recording.id)).state is RecordingState.PROCESSING
    assert folder.exists()
    film.write_bytes(_FILM)
    world.clock.advance(2)
    assert await run(world, JobKind.UPLOAD)
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert world.storage.contents[recording.object_key] == _FILM


async def test_what_is_refused_again_has_failed_again_and_is_kept(world: World) -> None:
    recording = await failed(world)
    folder = await _kept(world, recording)
    for _ in range(2):
        await world.recording_retry.retry(TENANT, recording.id)
        world.storage.fail_at("upload", PartRefused("The object store refused: no such key.", part="minio"))
        assert await run(world, JobKind.UPLOAD)
        now = await world.recording(recording.id)
        assert (now.state, now.error_code) == (RecordingState.FAILED, "upload_refused")
        assert "no such key" in (now.error or "")
        assert folder.exists()


async def test_a_process_that_has_lost_its_job_fails_nothing(world: World) -> None:
    recording = await failed(world)
    await _kept(world, recording)
    await world.recording_retry.retry(TENANT, recording.id)
    now_ms = world.clock.now_ms()
    async with world.db.transaction() as tx:
        lost = await jobs.claim(tx, JobKind.UPLOAD, now_ms, now_ms + 1)
    assert lost is not None
    world.clock.advance(1)
    assert await run(world, JobKind.UPLOAD)
    assert (await world.recording(recording.id)).state is RecordingState.READY
    await world.library_jobs[JobKind.UPLOAD]._work.give_up(lost, PartRefused("no such key", part="minio"))
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert await world.told("recording.failed") == 1  # before it was tried again


async def test_a_process_that_died_after_the_upload_is_followed_by_another(world: World) -> None:
    recording = await failed(world)
    folder = await _kept(world, recording)
    await world.recording_retry.retry(TENANT, recording.id)
    world.storage.fail_at("stat", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await run(world, JobKind.UPLOAD)
    world.clock.advance(120)
    assert await run(world, JobKind.UPLOAD)
    assert (await world.recording(recording.id)).state is RecordingState.READY
    assert not folder.exists()


async def _given_up(world: World, recording: Recording, *encodings: Encoding) -> Path:
    """Leave what a worker leaves that could not make one file of its parts."""
    order = Order(
        recording.egress_id or "", "RM", "room", recording.object_key, 1, Encoding(), "grid", True, True
    )
    spool = Spool(world.settings.spool_path)
    spool.close()
    folder = spool.create(order)
    for number, encoding in enumerate(encodings, 1):
        record(folder.path / f"part-{number}.mp4", 1.0, encoding=encoding)
    await Journal(folder.journal).append(Closed())
    return folder.path


async def test_parts_are_made_one_file_first(world: World) -> None:
    recording = await failed(world)
    folder = await _given_up(world, recording, _SMALL, _SMALL)
    await world.recording_retry.retry(TENANT, recording.id)
    assert await run(world, JobKind.UPLOAD)
    now = await world.recording(recording.id)
    assert (now.state, now.duration_ms) == (RecordingState.READY, pytest.approx(2000, abs=50))
    content = world.storage.contents[recording.object_key]
    said = world.storage.objects[recording.object_key].metadata
    assert said["rtcstack-sha256"] == hashlib.sha256(content).hexdigest()
    assert not folder.exists()


async def test_parts_that_cannot_be_joined_say_so_again_and_are_kept(world: World) -> None:
    recording = await failed(world)
    folder = await _given_up(world, recording, _SMALL, Encoding(width=640, height=360))
    await world.recording_retry.retry(TENANT, recording.id)
    assert await run(world, JobKind.UPLOAD)
    now = await world.recording(recording.id)
    assert (now.state, now.error_code) == (RecordingState.FAILED, "egress_failed")
    assert "other parameters" in (now.error or "")
    assert len(list(folder.glob("part-*.mp4"))) == 2


async def test_a_file_that_its_worker_still_has_is_left_to_the_worker(world: World) -> None:
    recording = await failed(world)
    await _kept(world, recording, is_closed=False)
    with pytest.raises(Conflict) as refused:
        await world.recording_retry.retry(TENANT, recording.id)
    assert refused.value.word == "file_missing"
