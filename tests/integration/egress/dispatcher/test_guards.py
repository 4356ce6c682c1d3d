"""What keeps a worker and its recordings from harm: caps, limits, several workers, and signals to end."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit import api
from minio import Minio

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess, sentences
from tests.integration.egress.dispatcher.rendition import Playlist, played, times
from tests.integration.egress.dispatcher.room import RED, TONE_HZ, check_end, until_shown
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart

_FPS, _LARGEST_BYTES = 15, 10_000_000
_FILM_S = 1.5


@pytest.fixture
def ann(settings: Settings, caller: Caller, tmp_path: Path) -> Iterator[None]:
    """Somebody red, with a tone, is in the room from before the recording until after it."""
    stage = Stagehand(settings.livekit, tmp_path / "stage", caller.room_name)
    stage.come("ann", colour=RED, tone_hz=TONE_HZ)
    yield
    stage.clear()


def _fetched(bucket: Minio, settings: Settings, caller: Caller, folder: Path) -> Path:
    file = folder / "take.mp4"
    bucket.fget_object(settings.storage.bucket, f"{caller.room_name}/{file.name}", str(file))
    return file


async def _until_seen(worker: WorkerProcess, egress_id: str) -> Path:
    """Return the part that is written, once Ann has been in it for a while."""
    part = worker.spool / egress_id / "part-1.mp4"
    await until_shown(part, RED)
    await asyncio.sleep(_FILM_S)
    return part


@pytest.mark.usefixtures("ann")
async def test_a_recording_ends_at_its_longest_and_is_whole(
    stopped_worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    bucket: Minio,
    settings: Settings,
    tmp_path: Path,
) -> None:
    stopped_worker.start(RTCSTACK_EGRESS__MAX_DURATION_S="4.5")
    started = await caller.start()
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "LIMIT_REACHED")

    assert ended["details"].startswith("End reason: Session limit reached; the recording ends early: ")
    assert (ended["error"], ended["errorCode"]) == ("Session limit reached", 413)
    assert int(ended["fileResults"][0]["duration"]) == 4_500_000_000
    file = _fetched(bucket, settings, caller, tmp_path)
    pictures, sounds = times(file, "video"), times(file, "audio")
    assert len(pictures) <= 135, "on a busy machine some ticks have none"
    assert 0 <= 134 / 30 - pictures[-1] + 0.001 < 0.3
    assert abs(sounds[-1] - 4.5) < 0.05
    check_end(file, RED)
    await stopped_worker.wait_until_empty()


@pytest.mark.usefixtures("ann")
async def test_segments_without_a_file_end_at_their_largest_and_are_whole(
    stopped_worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    bucket: Minio,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """What the segment under way may become is counted in: at this rate it leaves 36 kB for those that are complete."""
    stopped_worker.start(RTCSTACK_EGRESS__MAX_BYTES=str(_LARGEST_BYTES))
    output = api.SegmentedFileOutput(
        filename_prefix=f"{caller.room_name}/piece",
        playlist_name=f"{caller.room_name}/list.m3u8",
        segment_duration=1,
    )
    advanced = api.EncodingOptions(width=320, height=180, framerate=_FPS, video_bitrate=19_800)
    request = api.RoomCompositeEgressRequest(
        room_name=caller.room_name, advanced=advanced, segment_outputs=[output]
    )
    started = await caller.lk.egress.start_room_composite_egress(request)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "LIMIT_REACHED")
    await stopped_worker.wait_until_empty()

    [made] = ended["segmentResults"]
    pieces = [f"piece_{n:05d}.ts" for n in range(int(made["segmentCount"]))]
    for key in ("list.m3u8", *pieces):
        bucket.fget_object(settings.storage.bucket, f"{caller.room_name}/{key}", str(tmp_path / key))
    playlist = Playlist.parse((tmp_path / "list.m3u8").read_text())
    assert playlist.is_ended
    assert [segment.name for segment in playlist.segments] == pieces
    assert int(made["size"]) == sum((tmp_path / name).stat().st_size for name in pieces) <= _LARGEST_BYTES
    shown = [times(tmp_path / name, "video") for name in pieces]
    named_s = sum(segment.duration_s for segment in playlist.segments)
    assert named_s == pytest.approx(int(made["duration"]) / 1e9, abs=0.01)
    assert named_s == pytest.approx(shown[-1][-1] + 1 / _FPS - shown[0][0], abs=0.05)
    assert playlist.segments[-1].duration_s == pytest.approx(
        shown[-1][-1] + 1 / _FPS - shown[-1][0], abs=0.05
    )
    check_end(played(tmp_path / "list.m3u8", tmp_path / "played.mp4"), RED)


async def test_two_workers_share_the_load_and_say_when_they_are_full(
    stopped_worker: WorkerProcess,
    other_worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    fleet: FleetReadiness,
) -> None:
    workers = (stopped_worker, other_worker)
    for worker in workers:
        worker.start(RTCSTACK_EGRESS__MAX_RECORDINGS="1")
    await _until_both_answer(fleet)  # `start` returns when anybody hears requests
    one = await caller.start(filepath=f"{caller.room_name}/one.mp4")
    two = await caller.start(filepath=f"{caller.room_name}/two.mp4")
    assert [len(worker.folders()) for worker in workers] == [1, 1]

    found = await fleet.capacity()
    assert [worker.can_record for worker in found.workers] == [False, False]
    assert all("RTCSTACK_EGRESS__MAX_RECORDINGS" in worker.reason for worker in found.workers)
    with pytest.raises(api.TwirpError, match="the settings allow no more"):
        await caller.start(filepath=f"{caller.room_name}/three.mp4")

    await hooks.wait_for(one.egress_id, "egress_updated", "ACTIVE")
    await caller.stop(one.egress_id)
    await hooks.wait_for(one.egress_id, "egress_ended", "COMPLETE")
    four = await caller.start(filepath=f"{caller.room_name}/four.mp4")
    for started in (two, four):
        await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
        await caller.stop(started.egress_id)
        await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")


async def _until_both_answer(fleet: FleetReadiness) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len((await fleet.capacity()).workers) < 2:
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("ann")
async def test_a_sign_to_end_takes_no_more_and_finishes_what_runs(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    bucket: Minio,
    settings: Settings,
    fleet: FleetReadiness,
    tmp_path: Path,
) -> None:
    assert [found.can_record for found in (await fleet.capacity()).workers] == [True]
    started = await caller.start()
    active = await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    assert active["fileResults"]
    await _until_seen(worker, started.egress_id)
    worker.signal(signal.SIGTERM)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert sentences(ended) == ["End reason: Worker stopped"]
    assert await worker.wait() == 0
    file = _fetched(bucket, settings, caller, tmp_path)
    assert abs(times(file, "video")[-1] - times(file, "audio")[-1]) < 0.1
    check_end(file, RED)
    assert worker.folders() == []
    assert (await fleet.capacity()).workers == ()


@pytest.mark.usefixtures("ann")
async def test_a_second_sign_leaves_a_valid_file_for_the_next_start(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    minio_server: SinglePart,
    bucket: Minio,
    settings: Settings,
    tmp_path: Path,
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    part = await _until_seen(worker, started.egress_id)
    minio_server.stop()
    try:
        worker.signal(signal.SIGTERM)
        await hooks.wait_for(started.egress_id, "egress_updated", "ENDING")
        worker.signal(signal.SIGTERM)
        assert await worker.wait() == 0
        assert list(part.parent.glob("part-*.mp4")) == [part]
        check_end(part, RED)
    finally:
        minio_server.start()
    worker.start()
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert "lost" not in ended["details"]
    check_end(_fetched(bucket, settings, caller, tmp_path), RED)
    await worker.wait_until_empty()
