"""Whatever dies, the recording is finished, stored and reported."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import redis.asyncio
from livekit import api

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import (
    PATIENCE_S,
    Caller,
    Hooks,
    WorkerProcess,
    end_process,
    sentences,
)
from tests.integration.egress.dispatcher.room import RED, TONE_HZ, Room, until, until_shown
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still, stop_still

_FILM_S = 1.5


async def _record_for(caller: Caller, hooks: Hooks, seconds: float) -> str:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(seconds)
    return started.egress_id


async def test_a_killed_zygote_harms_no_recording_and_the_next_one_starts(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    first = await _record_for(caller, hooks, 0.5)
    zygote = worker.zygote_pid()
    end_process(zygote)
    await worker.wait_for_new_zygote(zygote)
    second = await caller.start(filepath=f"{caller.room_name}/second.mp4")
    await hooks.wait_for(second.egress_id, "egress_updated", "ACTIVE")
    for egress_id in (first, second.egress_id):
        await caller.stop(egress_id)
        ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
        assert sentences(ended) == ["End reason: StopEgress API"]


async def test_a_zygote_that_dies_with_a_task_in_its_hands_costs_a_moment(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    zygote = worker.zygote_pid()
    stop_still(zygote)
    started = await caller.start()
    end_process(zygote)
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await caller.stop(started.egress_id)
    await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")


async def test_a_killed_dispatchers_recording_is_delivered_by_the_next_one(
    room: Room, tmp_path: Path
) -> None:
    """Nobody is there any more when it looks, so there is no second part."""
    ann = await room.come(colour=RED, tone_hz=TONE_HZ)
    egress_id = await _record_her(room)
    recorder = room.worker.recorder_pid(egress_id)
    room.worker.kill()
    await _until_gone(recorder)
    await asyncio.to_thread(ann.do, "leave")
    room.worker.start()
    await _check_recovered(room, egress_id, tmp_path)


async def test_everything_killed_at_once_still_leaves_a_recording(room: Room, tmp_path: Path) -> None:
    ann = await room.come(colour=RED, tone_hz=TONE_HZ)
    egress_id = await _record_her(room)
    end_process(room.worker.recorder_pid(egress_id))
    room.worker.kill()
    await asyncio.to_thread(ann.do, "leave")
    room.worker.start()
    await _check_recovered(room, egress_id, tmp_path)


async def _record_her(room: Room) -> str:
    egress_id = await room.record()
    await until_shown(room.worker.spool / egress_id / "part-1.mp4", RED)
    await asyncio.sleep(_FILM_S)
    return egress_id


async def _until_gone(pid: int) -> None:
    """Nobody may be left to collect it."""

    async def is_gone() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await until(is_gone)


async def _check_recovered(room: Room, egress_id: str, folder: Path) -> None:
    made = await room.ended(egress_id, folder)
    assert int(made.info["fileResults"][0]["size"]) == made.file.stat().st_size
    assert len(made.spans) == 1
    made.check_plays()
    assert made.colours() == ["red"]
    made.check_end(RED)
    made.check_lost(await room.looked_s(egress_id))
    assert made.duration_s > _FILM_S
    await room.worker.wait_until_empty()


async def test_a_restart_of_redis_does_not_touch_a_recording(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, redis_server: SinglePart
) -> None:
    del worker  # only has to run
    egress_id = await _record_for(caller, hooks, 0.3)
    await asyncio.to_thread(redis_server.stop)
    await asyncio.to_thread(redis_server.start)
    await _stop_once_redis_is_found(caller, egress_id)
    ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    assert sentences(ended) == ["End reason: StopEgress API"]


async def _stop_once_redis_is_found(caller: Caller, egress_id: str) -> None:
    """LiveKit's own clients need a while for it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(api.TwirpError):
                await caller.stop(egress_id)
                return
            await asyncio.sleep(0.2)


async def test_an_egress_that_livekit_forgot_is_told_again(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, settings: Settings
) -> None:
    del worker  # only has to run
    egress_id = await _record_for(caller, hooks, 0.1)
    bus = settings.redis
    async with redis.asyncio.Redis(port=bus.port, password=bus.password.get_secret_value()) as client:
        await client.hdel("egress", egress_id)
    await caller.stop(egress_id)
    await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    assert (await caller.get(egress_id)).status == api.EgressStatus.EGRESS_COMPLETE


async def test_a_restart_of_livekit_delays_the_end_and_no_more(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, livekit_server: SinglePart
) -> None:
    egress_id = await _record_for(caller, hooks, 0.5)
    await asyncio.to_thread(livekit_server.stop)
    worker.signal(signal.SIGTERM)
    await asyncio.sleep(0.5)
    assert worker.folders() == [egress_id]
    await asyncio.to_thread(livekit_server.start)
    ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    assert int(ended["fileResults"][0]["size"]) > 0
    assert await worker.wait() == 0


async def test_a_room_that_cannot_be_joined_fails_with_the_reason(
    stopped_worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    stopped_worker.start(RTCSTACK_LIVEKIT__API_SECRET="another-secret-of-sufficient-length-for-a-token")
    started = await caller.start()
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "FAILED")
    assert "cannot join" in ended["error"]
    await stopped_worker.wait_until_empty()


async def test_who_stops_before_the_first_frame_gets_an_abort(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    with standing_still(worker.zygote_pid()):
        started = await caller.start()
        await caller.stop(started.egress_id)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "ABORTED")
    assert "fileResults" not in ended
    assert "before its first frame. Nothing had been recorded, so nothing is lost." in ended["error"]
    await worker.wait_until_empty()


async def test_sigterm_stores_and_reports_before_it_ends(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    egress_id = await _record_for(caller, hooks, 0.5)
    worker.signal(signal.SIGTERM)
    assert await worker.wait() == 0
    ended = await hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    assert sentences(ended) == ["End reason: Worker stopped"]
    await worker.wait_until_empty()
