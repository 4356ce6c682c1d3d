"""A disk that fills up ends a recording early and delays its delivery, whatever else lies on it."""

import asyncio
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit import api
from minio import Minio

from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess
from tests.integration.egress.dispatcher.rendition import Playlist
from tests.integration.egress.dispatcher.room import Room
from tests.integration.egress.recorder.footage import RATE_HZ, Footage, close_to
from tests.support.single_part import SinglePart

RED, BLUE, TONE_HZ = (110, 90, 220), (110, 220, 100), 440
FLAT = (640, 40)
"""Above the part of the participant's picture that moves."""
LITTLE_BYTES = 1_500_000
"""So much more than what is kept back: some seconds of a recording."""
_MOUNT = 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@" >>"$0/worker.log" 2>&1'


class SmallDiskWorker(WorkerProcess):
    """Spool and log lie on a disk of 64 MiB: a tmpfs in a mount namespace of the worker's own."""

    def _spawn(self, argv: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        inside = self.spool.with_name("disk")
        inside.mkdir()
        environment["RTCSTACK_EGRESS__SPOOL"] = str(inside / "spool")
        unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c", _MOUNT, str(inside)]
        process = subprocess.Popen([*unshare, *argv], env=environment)
        self.disk = Path(f"/proc/{process.pid}/root{inside}")
        self.spool, self.log = self.disk / "spool", self.disk / "worker.log"
        return process

    def fill(self) -> None:
        """Leave not one byte."""
        with (self.disk / "ballast").open("ab", buffering=0) as ballast:
            for size_bytes in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        ballast.write(bytes(size_bytes))
                except OSError as e:
                    assert e.errno == errno.ENOSPC  # noqa: PT017 - how else to see that it is full

    def leave(self, size_bytes: int) -> None:
        """Leave so much and no more."""
        with (self.disk / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, self.free_bytes - size_bytes)

    @property
    def free_bytes(self) -> int:
        disk = os.statvfs(self.disk)
        return disk.f_bavail * disk.f_frsize

    def make_room(self) -> None:
        (self.disk / "ballast").unlink()


@pytest.fixture
def small_worker(
    settings: Settings, livekit_server: SinglePart, minio_server: SinglePart, tmp_path: Path
) -> Iterator[SmallDiskWorker]:
    del livekit_server, minio_server  # only have to run
    worker = SmallDiskWorker(settings, tmp_path)
    worker.start(RTCSTACK_EGRESS__MIN_FREE_BYTES="1000000")
    yield worker
    worker.kill()


async def test_a_recording_waits_for_room_and_says_that_the_disk_was_full(
    small_worker: SmallDiskWorker, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(2.5)
    await asyncio.to_thread(small_worker.fill)
    ending = await hooks.wait_for(started.egress_id, "egress_updated", "ENDING")
    assert ending["details"] == "End reason: Disk full"
    await asyncio.sleep(9)
    assert (await caller.get(started.egress_id)).status == api.EgressStatus.EGRESS_ENDING
    small_worker.make_room()
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert "End reason: Disk full; the recording ends early" in ended["details"]
    file = ended["fileResults"][0]
    assert int(file["duration"]) > 1_000_000_000
    stored = bucket.stat_object(settings.storage.bucket, f"{caller.room_name}/take.mp4")
    assert stored.size == int(file["size"])
    await small_worker.wait_until_empty()


@pytest.fixture
def worker(small_worker: SmallDiskWorker) -> WorkerProcess:
    return small_worker


@pytest.mark.alone
async def test_what_runs_low_on_disk_ends_while_its_file_can_be_closed_and_plays_to_its_end(
    room: Room, small_worker: SmallDiskWorker, tmp_path: Path
) -> None:
    """Nobody makes room: what is kept back is enough to close the file and to store it."""
    ann = await room.come(colour=RED, tone_hz=TONE_HZ, moves=True)
    egress_id = await room.record()
    await asyncio.sleep(2)  # what is recorded before
    await asyncio.to_thread(small_worker.leave, RESERVE_BYTES + LITTLE_BYTES)
    await asyncio.to_thread(ann.do, "change", colour=BLUE)
    ending = await room.hooks.wait_for(egress_id, "egress_updated", "ENDING")
    assert ending["details"] == "End reason: Disk full"
    assert small_worker.free_bytes > RESERVE_BYTES // 2
    made = await room.ended(egress_id, tmp_path)

    assert "End reason: Disk full; the recording ends early" in made.info["details"]
    made.check_plays()
    footage = Footage.read(made.file)
    assert abs(footage.pictures[-1][0] + 1 / 30 - made.duration_s) < 0.05
    assert abs(len(footage.sound) / RATE_HZ - made.duration_s) < 0.1
    assert close_to(footage.colour(made.duration_s, *FLAT), BLUE, 20), "it went on while there was room"
    assert footage.level(TONE_HZ, made.duration_s - 1, made.duration_s - 0.2) > 0.02
    await small_worker.wait_until_empty()


async def _until_waiting(worker: SmallDiskWorker, egress_id: str) -> None:
    """Return when what the recorder left cannot be brought to its end for want of room, or was brought there."""
    async with asyncio.timeout(PATIENCE_S):
        while b"upload waits" not in worker.log.read_bytes() and egress_id in worker.folders():
            await asyncio.sleep(0.1)


async def test_segments_that_a_full_disk_cut_short_are_all_in_the_store(
    small_worker: SmallDiskWorker, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings
) -> None:
    room, name = caller.room_name, settings.storage.bucket
    output = api.SegmentedFileOutput(
        filename_prefix=f"{room}/piece", playlist_name="list", segment_duration=1
    )
    started = await caller.lk.egress.start_room_composite_egress(
        api.RoomCompositeEgressRequest(room_name=room, segment_outputs=[output])
    )
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    async with asyncio.timeout(PATIENCE_S):
        while not list(bucket.list_objects(name, f"{room}/piece_00001")):
            await asyncio.sleep(0.05)
    await asyncio.to_thread(small_worker.fill)
    ending = await hooks.wait_for(started.egress_id, "egress_updated", "ENDING")
    assert ending["details"] == "End reason: Disk full"
    await asyncio.to_thread(small_worker.fill)  # also what the segments that were stored left free
    await _until_waiting(small_worker, started.egress_id)
    small_worker.make_room()
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert "End reason: Disk full; the recording ends early" in ended["details"]
    keys = {item.object_name.removeprefix(f"{room}/") for item in bucket.list_objects(name, f"{room}/")}
    with bucket.get_object(name, f"{room}/list.m3u8") as response:
        playlist = Playlist.parse(response.read().decode())
    assert playlist.is_ended
    assert {segment.name for segment in playlist.segments} == {key for key in keys if key.endswith(".ts")}
    assert len(playlist.segments) >= 2
    assert int(ended["segmentResults"][0]["segmentCount"]) == len(playlist.segments)
    await small_worker.wait_until_empty()
