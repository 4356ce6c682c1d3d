"""However a recording ends, there is a file that plays."""

import resource
import signal
import socket

import numpy as np
import pytest
from livekit import api

from rtcstack.egress.finish import finish
from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import RATE_HZ, Footage, close_to
from tests.integration.egress.recorder.harness import RecorderProcess, Stagehand

BLUE = (110, 180, 90)
HEARD = 0.02
"""A tenth of a tone's amplitude."""
LEFT_OUT_S = 1024 / RATE_HZ + 0.050 + 0.020
"""A block of AAC that the end cuts off, a frame of sound that the publisher has not sent yet, and its way to us."""


def check_plays(recorder: RecorderProcess, duration_ms: int) -> Footage:
    footage = Footage.read(recorder.file)
    # A busy machine leaves pictures out; the one before stands for as long.
    assert abs(footage.pictures[-1][0] + 1 / 30 - duration_ms / 1000) < 0.04
    return footage


async def test_an_empty_room_is_recorded_until_it_closes(stage: Stagehand) -> None:
    recorder = stage.record().until_started()
    recorder.wait_until(1.5)
    async with stage.server() as server:
        await server.room.delete_room(api.DeleteRoomRequest(room=stage.room))
    ended = recorder.ended()

    assert ended.reason == "room_closed"
    footage = check_plays(recorder, ended.duration_ms)
    assert close_to(footage.colour(1.0, 640, 360), DARK.background)
    assert abs(footage.sound).max() < 0.001


def test_a_tone_that_lasts_until_the_stop_lasts_until_the_end_of_the_file(stage: Stagehand) -> None:
    stage.come("ann", tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(3.0)
    ended = recorder.stop()

    sound = check_plays(recorder, ended.duration_ms).sound
    heard = np.flatnonzero(np.abs(sound) > HEARD)
    assert ended.duration_ms / 1000 - heard[-1] / RATE_HZ < LEFT_OUT_S


def test_another_room_of_the_same_name_is_not_recorded(stage: Stagehand) -> None:
    recorder = stage.record(room_id="RM_that_is_gone")
    ended = recorder.ended(status=1)

    assert (ended.reason, ended.duration_ms, ended.error) == ("room_closed", 0, None)
    assert not recorder.file.exists()


async def test_a_removed_recorder_keeps_its_file(stage: Stagehand) -> None:
    recorder = stage.record().until_started()
    recorder.wait_until(1.0)
    identity = api.RoomParticipantIdentity(room=stage.room, identity=f"EG_{stage.room}")
    async with stage.server() as server:
        await server.room.remove_participant(identity)
    ended = recorder.ended()

    assert ended.reason == "removed"
    check_plays(recorder, ended.duration_ms)


@pytest.mark.parametrize("how", ["control_lost", "stopped"])
def test_the_file_is_finished_when_the_dispatcher_or_the_native_library_dies(
    stage: Stagehand, how: str
) -> None:
    recorder = stage.record().until_started()
    recorder.wait_until(1.0)
    if how == "control_lost":
        recorder.control.shutdown(1)  # our sending side: the recorder reads end of file
    else:
        recorder.process.send_signal(signal.SIGTERM)
    ended = recorder.ended()

    assert ended.reason == how
    check_plays(recorder, ended.duration_ms)


def test_a_killed_recorder_leaves_all_but_the_last_moments(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    killed = recorder.wait_until(4.3)
    recorder.process.kill()
    recorder.process.wait()

    before = Footage.read(recorder.file)
    assert before.pictures[-1][0] >= killed - 0.7
    finished = finish([recorder.file], recorder.file.with_name("recording.mp4"))
    assert finished.recovered
    assert finished.duration_ms >= (killed - 0.7) * 1000
    after = Footage.read(recorder.file.with_name("recording.mp4"))
    assert len(after.pictures) == len(before.pictures)
    assert close_to(after.colour(3.0, 640, 360), BLUE)
    assert after.level(440, 2.0, 3.0) > 0.1


def test_a_full_disk_ends_the_recording_in_order(stage: Stagehand) -> None:
    stage.come("ann", moves=True, tone_hz=440)
    recorder = stage.record(largest_file_bytes=400_000).until_started()
    ended = recorder.ended()

    assert ended.reason == "disk_full"
    finished = finish([recorder.file], recorder.file.with_name("recording.mp4"))
    assert finished.recovered
    assert 500 < finished.duration_ms <= ended.duration_ms


def test_a_disk_that_is_full_when_the_file_is_closed_is_told(stage: Stagehand) -> None:
    stage.come("ann", moves=True, tone_hz=440)
    recorder = stage.record().until_started()
    recorder.wait_until(2.0)
    largest = recorder.file.stat().st_size
    resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, (largest, largest))
    ended = recorder.stop()

    assert ended.reason == "disk_full"
    assert ended.error is None
    assert finish([recorder.file], recorder.file.with_name("recording.mp4")).recovered


def test_a_refused_join_leaves_no_file(stage: Stagehand) -> None:
    recorder = stage.record(api_secret="wrong" * 8)
    ended = recorder.ended(status=1)

    assert ended.reason == "join_failed"
    assert ended.error
    assert not recorder.file.exists()


def test_a_stop_that_comes_before_the_join_leaves_no_file(stage: Stagehand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        recorder = stage.record(ws_url=f"ws://127.0.0.1:{silent.getsockname()[1]}")
        connection, _ = silent.accept()
        recorder.control.sendall(b'{"type":"stop"}\n')
        ended = recorder.ended(status=1)
        connection.close()

    assert ended.reason == "stopped"
    assert ended.error
    assert not recorder.file.exists()
