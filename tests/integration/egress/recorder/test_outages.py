"""What happens around a recorder does not tear a hole into its file."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from livekit import api

from tests.integration.egress.recorder.footage import Footage, Thumbnail, at_place, close_to
from tests.integration.egress.recorder.harness import PATIENCE_S, RecorderProcess, Stagehand
from tests.support.deaf_relay import DeafRelay
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still

BLUE, RED = (110, 180, 90), (90, 100, 200)


def check_no_hole(footage: Footage, length_s: float) -> None:
    """It is as long as what was recorded, tick by tick; a tick that a busy machine misses has the picture before."""
    times = np.array([at for at, _ in footage.pictures])
    assert np.allclose(times * 30, np.round(times * 30), atol=0.01)
    assert abs(times[-1] + 1 / 30 - length_s) < 0.04
    assert abs(len(footage.sound) / 48_000 - times[-1]) < 0.2


def check_one_still(footage: Footage, stood_s: float) -> None:
    """One picture stands for as long as the process stood still; what was overdue then is not made up for."""
    times = [at for at, _ in footage.pictures]
    steps = np.diff(times)
    assert stood_s - 0.1 < steps.max() < stood_s + 2.0
    assert np.delete(steps, steps.argmax()).max() < 1.0
    assert abs(len(footage.sound) / 48_000 - times[-1]) < 0.2


def test_a_stopped_process_goes_on_where_it_should_be(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(1.5)
    with standing_still(recorder.process.pid):
        stands_s = recorder.now_s()
        recorder.wait_until(3.5)
        stood_s = recorder.now_s() - stands_s
    end = recorder.wait_until(5.5)
    ended = recorder.stop()

    footage = Footage.read(recorder.file)
    check_one_still(footage, stood_s)
    assert ended.duration_ms / 1000 > end - 0.2
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 0.7, end - 0.2) > 0.1


def silent_s(footage: Footage, hz: float) -> float:
    """For how long a tone is missing that was there all the time."""
    steps = np.arange(0.5, len(footage.sound) / 48_000 - 0.5, 0.1)
    return 0.1 * sum(footage.level(hz, at, at + 0.1) < 0.05 for at in steps)


@pytest.fixture
def sounds(stage: Stagehand, tmp_path: Path) -> Iterator[Stagehand]:
    """Another room, in which nobody has a camera."""
    stagehand = Stagehand(stage.livekit, tmp_path / "sounds", f"{stage.room}-sounds")
    yield stagehand
    stagehand.clear()


def test_a_restart_of_livekit_is_outlived(
    stage: Stagehand, sounds: Stagehand, livekit_server: SinglePart
) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    sounds.come("ben", tone_hz=880)
    recorder, listener = stage.record().until_started(), sounds.record(has_video=False).until_started()
    recorder.wait_until(1.5)
    killed_ns = time.time_ns()
    os.kill(livekit_server.pid, signal.SIGKILL)
    livekit_server.stop()
    livekit_server.start()
    restarted_ns = time.time_ns()
    end = recorder.wait_until(recorder.now_s() + 9)
    ended, heard = recorder.stop(), listener.stop()

    assert recorder.started is not None
    footage, only_sound = Footage.read(recorder.file), Footage.read(listener.file)
    for lacks, missing_s in (
        (ended.lacks, silent_s(footage, 440)),
        (heard.lacks, silent_s(only_sound, 880)),
    ):
        assert lacks is not None
        assert recorder.started.wall_ns < lacks.cut_off_ns < restarted_ns
        # Whoever is heard has to come back as well, and may do so later.
        assert (restarted_ns - killed_ns) / 1e9 - 0.5 < lacks.cut_off_ms / 1000 < missing_s + 1.0
    check_no_hole(footage, ended.duration_ms / 1000)
    assert ended.duration_ms / 1000 > end - 0.2
    assert close_to(footage.colour(1.4, 640, 360), BLUE)
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 1, end - 0.2) > 0.1


def is_blue(picture: Thumbnail) -> bool:
    return close_to(at_place(picture, 640, 360), BLUE)


def test_a_participants_recording_outlives_a_restart_of_livekit(
    stage: Stagehand, livekit_server: SinglePart
) -> None:
    """Longer than somebody who leaves is waited for: that she is not there says nothing meanwhile, and a while afterwards."""
    stage.come("ann", colour=BLUE, tone_hz=440)
    source = {"video": {"identity": "ann"}, "audio": {"identities": ["ann"]}}
    recorder = stage.record(source=source).until_started()
    recorder.wait_until(1.5)
    os.kill(livekit_server.pid, signal.SIGKILL)
    livekit_server.stop()
    recorder.until_shows(lambda picture: not is_blue(picture))
    recorder.wait_until(recorder.now_s() + 3)
    livekit_server.start()
    recorder.until_shows(is_blue)
    end = recorder.wait_until(recorder.now_s() + 2)
    ended = recorder.stop()

    assert ended.reason == "stopped"
    assert ended.duration_ms / 1000 > end - 0.2
    footage = Footage.read(recorder.file)
    assert close_to(footage.colour(1.4, 640, 360), BLUE)
    assert close_to(footage.colour(end - 0.2, 640, 360), BLUE)
    assert footage.level(440, end - 1, end - 0.2) > 0.1


@asynccontextmanager
async def cut_off_while_the_room_closes(stage: Stagehand) -> AsyncIterator[RecorderProcess]:
    """A recorder that has come back, into a room of the same name that this has made."""
    async with DeafRelay(stage.livekit.host, stage.livekit.port) as relay, stage.server() as server:
        relay.is_deaf = False
        await asyncio.to_thread(stage.come, "ann", colour=BLUE, tone_hz=440)
        [room] = (await server.room.list_rooms(api.ListRoomsRequest(names=[stage.room]))).rooms
        recorder = stage.record(ws_url=f"ws://127.0.0.1:{relay.port}", room_id=room.sid)
        await asyncio.to_thread(recorder.until_started)
        await asyncio.to_thread(recorder.wait_until, 1.5)
        relay.is_open.clear()
        relay.cut()
        await server.room.delete_room(api.DeleteRoomRequest(room=stage.room))
        relay.is_open.set()
        async with asyncio.timeout(PATIENCE_S):
            while not await recorders_in(server, stage.room):
                await asyncio.sleep(0.05)
        yield recorder


async def recorders_in(server: api.LiveKitAPI, room: str) -> set[str]:
    """Return LiveKit's ids of them, which change when one joins again; none when there is no such room."""
    try:
        there = await server.room.list_participants(api.ListParticipantsRequest(room=room))
    except api.TwirpError:
        return set()
    return {person.sid for person in there.participants if person.identity == f"EG_{room}"}


async def test_a_participant_may_be_back_later_than_the_recorder(stage: Stagehand) -> None:
    async with DeafRelay(stage.livekit.host, stage.livekit.port) as relay, stage.server() as server:
        relay.is_deaf = False
        ann = await asyncio.to_thread(stage.come, "ann", colour=RED)
        source = {"video": {"identity": "ann"}, "audio": {"identities": ["ann"]}}
        recorder = stage.record(ws_url=f"ws://127.0.0.1:{relay.port}", source=source)
        await asyncio.to_thread(recorder.until_started)
        before = await recorders_in(server, stage.room)
        relay.turns_away = True
        relay.cut()
        await asyncio.to_thread(ann.do, "leave")
        await asyncio.to_thread(recorder.wait_until, recorder.now_s() + 3)
        relay.turns_away = False
        async with asyncio.timeout(PATIENCE_S):
            while not await recorders_in(server, stage.room) - before:
                await asyncio.sleep(0.05)
        await asyncio.to_thread(recorder.wait_until, recorder.now_s() + 5)
        await asyncio.to_thread(stage.come, "ann", colour=BLUE)
        await asyncio.to_thread(recorder.until_shows, is_blue)
        ended = await asyncio.to_thread(recorder.stop)

    assert ended.reason == "stopped"


async def test_a_room_that_closes_while_its_recorder_is_cut_off_ends_the_recording(stage: Stagehand) -> None:
    async with cut_off_while_the_room_closes(stage) as recorder:
        ended = await asyncio.to_thread(recorder.ended)

    assert ended.reason == "room_closed"
    assert ended.duration_ms < 60_000, "LiveKit itself closes a room to which nobody comes after 300 s"
    footage = Footage.read(recorder.file)
    check_no_hole(footage, ended.duration_ms / 1000)
    assert close_to(footage.colour(1.4, 640, 360), BLUE)


async def test_people_in_a_room_of_the_same_name_are_recorded_on(stage: Stagehand) -> None:
    """So it is after a LiveKit that has forgotten its rooms was started anew."""
    async with cut_off_while_the_room_closes(stage) as recorder:
        back_s = recorder.now_s()
        await asyncio.to_thread(recorder.wait_until, back_s + 5)
        await asyncio.to_thread(stage.come, "ann", colour=RED, tone_hz=880)
        end = await asyncio.to_thread(recorder.wait_until, back_s + 27)
        ended = await asyncio.to_thread(recorder.stop)

    assert ended.reason == "stopped"
    footage = Footage.read(recorder.file)
    assert close_to(footage.colour(end - 0.2, 640, 360), RED)
    assert footage.level(880, end - 1, end - 0.2) > 0.1
