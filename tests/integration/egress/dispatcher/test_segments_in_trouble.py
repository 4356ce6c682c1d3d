"""Segments without a file beside them: the store goes away, recorders die, the worker dies; nothing that was written is lost."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from livekit import api
from minio import Minio

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess, end_process
from tests.integration.egress.dispatcher.rendition import Playlist, times
from tests.integration.egress.dispatcher.room import GREEN, RED, colours_of
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still

FPS = 15


async def _start(caller: Caller, hooks: Hooks, s3: api.S3Upload | None = None) -> str:
    output = api.SegmentedFileOutput(
        filename_prefix=f"{caller.room_name}/piece", playlist_name="list", segment_duration=1, s3=s3
    )
    started = await caller.lk.egress.start_room_composite_egress(
        api.RoomCompositeEgressRequest(
            room_name=caller.room_name,
            advanced=api.EncodingOptions(width=320, height=180, framerate=FPS),
            segment_outputs=[output],
        )
    )
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    return started.egress_id


async def _until(is_so: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await asyncio.to_thread(is_so):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"it did not come to pass that {what}") from None


@pytest.fixture
def stage(caller: Caller, settings: Settings, tmp_path: Path) -> Iterator[Stagehand]:
    stage = Stagehand(settings.livekit, tmp_path / "stage", caller.room_name)
    yield stage
    stage.clear()


def _waiting(worker: WorkerProcess, egress_id: str, part: int) -> int:
    return len(list((worker.spool / egress_id / "segments").glob(f"{part}-*.ts")))


class Rendition:
    """What the store has of the room's segments in the end."""

    def __init__(self, bucket: Minio, name: str, room: str, folder: Path) -> None:
        self.keys = {
            item.object_name.removeprefix(f"{room}/") for item in bucket.list_objects(name, f"{room}/")
        }
        for key in self.keys:
            bucket.fget_object(name, f"{room}/{key}", str(folder / key))
        self.text = (folder / "list.m3u8").read_text()
        self.playlist = Playlist.parse(self.text)
        for segment in self.playlist.segments:
            shown = times(folder / segment.name, "video")
            assert segment.duration_s == pytest.approx(shown[-1] - shown[0] + 1 / FPS, abs=0.3), segment


async def test_the_store_goes_away_and_a_recorder_dies_meanwhile(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    bucket: Minio,
    minio_server: SinglePart,
    settings: Settings,
    stage: Stagehand,
    tmp_path: Path,
) -> None:
    ann = await asyncio.to_thread(stage.come, "ann", colour=RED, has_audio=False)
    egress_id, name = await _start(caller, hooks), settings.storage.bucket
    await _until(
        lambda: any(bucket.list_objects(name, f"{caller.room_name}/piece_00000")), "a segment is in the store"
    )
    await asyncio.to_thread(minio_server.stop)
    await _until(lambda: _waiting(worker, egress_id, 1) >= 3, "segments wait for the store")
    end_process(worker.recorder_pid(egress_id))
    await asyncio.to_thread(ann.do, "change", colour=GREEN)
    await _until(lambda: _waiting(worker, egress_id, 2) >= 3, "the next recorder goes on")
    await asyncio.to_thread(minio_server.start)
    await caller.stop(egress_id)
    ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    made = Rendition(bucket, name, caller.room_name, tmp_path)
    segments = made.playlist.segments
    assert made.text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert colours_of(tmp_path / segment.name for segment in segments) == ["red", "green"]
    assert made.playlist.is_ended
    names = [segment.name for segment in segments]
    assert names == sorted(set(names)), "one in which nothing had been written leaves its number out"
    assert made.keys == {"list.m3u8", "list.json", *names}
    assert "fileResults" not in ended
    assert int(ended["segmentResults"][0]["segmentCount"]) == len(segments)
    await worker.wait_until_empty()


async def test_that_it_has_ended_is_known_although_the_store_answers_nothing(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, minio_server: SinglePart
) -> None:
    """Whoever takes the folder up after that does not go on with a recording that is over."""
    egress_id = await _start(caller, hooks)
    journal = worker.spool / egress_id / "journal.jsonl"
    with standing_still(minio_server.pid):
        await _until(lambda: _waiting(worker, egress_id, 1) >= 3, "segments wait for the store")
        await caller.delete_room()
        async with asyncio.timeout(PATIENCE_S / 2):  # a call to the store takes twice as long to give up
            while '"recorded"' not in await asyncio.to_thread(journal.read_text):
                await asyncio.sleep(0.05)
        await hooks.wait_for(egress_id, "egress_updated", "ENDING")
        assert _waiting(worker, egress_id, 1) >= 3
    await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    await worker.wait_until_empty()


async def test_what_a_killed_worker_and_recorder_leave_is_brought_to_the_store_by_the_next_start(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings, tmp_path: Path
) -> None:
    egress_id = await _start(caller, hooks)
    await _until(
        lambda: any((worker.spool / egress_id / "segments").glob("1-00002.ts")), "a third segment is begun"
    )
    await asyncio.sleep(0.5)
    end_process(worker.recorder_pid(egress_id))
    worker.kill()
    left = sorted((worker.spool / egress_id / "segments").glob("*.ts"))
    worker.start()
    ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    made = Rendition(bucket, settings.storage.bucket, caller.room_name, tmp_path)
    assert made.playlist.is_ended
    assert len(made.playlist.segments) == int(left[-1].stem.partition("-")[2]) + 1, (
        "the torn one is there too"
    )
    assert sum(segment.duration_s for segment in made.playlist.segments) > 2
    assert "recovered" in ended["details"]
    await worker.wait_until_empty()


async def test_a_playlist_that_has_its_end_keeps_it_when_the_worker_restarts_before_livekit_has_heard_of_it(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    bucket: Minio,
    livekit_server: SinglePart,
    settings: Settings,
    tmp_path: Path,
) -> None:
    egress_id, name = await _start(caller, hooks), settings.storage.bucket
    journal = worker.spool / egress_id / "journal.jsonl"
    await _until(
        lambda: any(bucket.list_objects(name, f"{caller.room_name}/piece_00001")), "segments are in the store"
    )
    with standing_still(livekit_server.pid):
        worker.signal(signal.SIGTERM)
        await _until(
            lambda: '"reported"' in journal.read_text().partition('"stored"')[2], "the end is to be told of"
        )
        worker.kill()
        assert '"acknowledged"' not in journal.read_text().partition('"stored"')[2]
        assert Rendition(bucket, name, caller.room_name, tmp_path).playlist.is_ended
        told = worker.log.stat().st_size
        worker.start()
        await _until(
            lambda: worker.log.read_bytes()[told:].count(b"LiveKit did not take an update") >= 2,
            "the next worker has tried to tell LiveKit, for longer than it takes it to look at segments",
        )
    ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    await worker.wait_until_empty()
    made = Rendition(bucket, name, caller.room_name, tmp_path)
    assert made.playlist.is_ended
    assert int(ended["segmentResults"][0]["segmentCount"]) == len(made.playlist.segments)


async def test_what_the_store_refuses_fails_in_its_words_and_is_kept(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, settings: Settings
) -> None:
    own = settings.storage
    wrong = api.S3Upload(
        access_key=own.access_key.get_secret_value(), secret="wrong", bucket=own.bucket, endpoint=own.url
    )
    egress_id = await _start(caller, hooks, wrong)
    ended = await hooks.wait_for(egress_id, "egress_ended", "FAILED")
    assert "SignatureDoesNotMatch" in ended["error"]
    assert "kept in the worker's spool" in ended["details"]
    (result,) = ended["segmentResults"]
    assert int(result["endedAt"]) >= int(result["startedAt"]) > 0
    assert _waiting(worker, egress_id, 1) >= 1
