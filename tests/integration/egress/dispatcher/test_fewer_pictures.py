"""A recorder that gets too little of the machine has fewer pictures and fewer bits, and says so: in LiveKit's words, and so in the
API's notes.
"""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from livekit import api
from minio import Minio
from PIL import Image

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.domain.notes import fewer_pictures, read_notes
from rtcstack.egress.recorder.theme import yuv
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S, Caller, Hooks, WorkerProcess
from tests.integration.egress.recorder.footage import Footage, close_to, crops
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.standstill import standing_still

pytestmark = pytest.mark.alone

STANDS_S, RUNS_S = 0.15, 0.05
"""Three quarters of the time it gets nothing: most of its pictures come late, none by a quarter of a second."""
UNDISTURBED_S, REDUCED_S, STRETCH_S = 8, 5, 4
"""Both stretches whose bits are counted have two keyframes; x264's buffer holds two seconds, and is full when the recording begins."""
CEILING_KBPS = 800
"""Less than the moving pictures would take."""
TONE_HZ = 440
LOGO = (0xE0, 0xC0, 0x20)
_SAID = re.compile(
    r"fewer pictures: down to (\d+) a second, for ([\d.]+) s in all, as the machine was overloaded"
)


@contextmanager
def _starving(pid: int) -> Iterator[None]:
    is_over = threading.Event()

    def starve() -> None:
        while not is_over.is_set():
            with standing_still(pid):
                time.sleep(STANDS_S)
            time.sleep(RUNS_S)

    thread = threading.Thread(target=starve)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


async def _until_reduced(settings: Settings) -> None:
    fleet = FleetReadiness(settings.redis)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                workers = (await fleet.figures()).workers
                if any(worker.figures["egress_recorders_reduced"] for worker in workers):
                    return
    finally:
        await fleet.close()


async def test_a_recorder_that_starves_steps_down_and_the_recording_says_so(
    stopped_worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    bucket: Minio,
    settings: Settings,
    tmp_path: Path,
) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (300, 100), LOGO).save(logo)
    stopped_worker.start(RTCSTACK_EGRESS__LOGO=str(logo), RTCSTACK_EGRESS__WATERMARK="for the minutes")
    stage = Stagehand(settings.livekit, tmp_path, caller.room_name)
    await asyncio.to_thread(stage.come, "ann", tone_hz=TONE_HZ, moves=True, fps=30)
    request = api.RoomCompositeEgressRequest(
        room_name=caller.room_name,
        advanced=api.EncodingOptions(video_bitrate=CEILING_KBPS),
        file_outputs=[api.EncodedFileOutput(filepath=f"{caller.room_name}/take.mp4")],
    )
    started = await caller.lk.egress.start_room_composite_egress(request)
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(UNDISTURBED_S)
    with _starving(stopped_worker.recorder_pid(started.egress_id)):
        await _until_reduced(settings)
    await asyncio.sleep(REDUCED_S)  # of what is seen to have fewer pictures, and fewer bits, afterwards
    await caller.stop(started.egress_id)
    ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    stage.clear()

    # With three quarters of its time taken, it may lack some sound as well.
    [note] = [one for one in read_notes(ended["details"]) if "sound is missing" not in one]
    said = _SAID.fullmatch(note)
    assert said, note
    framerate, for_s = int(said[1]), float(said[2])
    assert framerate in {15, 10}
    assert note == fewer_pictures(round(for_s * 1000), framerate)

    file = tmp_path / "take.mp4"
    bucket.fget_object(settings.storage.bucket, f"{caller.room_name}/take.mp4", str(file))
    footage = Footage.read(file)
    length_s = int(ended["fileResults"][0]["duration"]) / 1e9
    _check(footage, length_s, for_s)
    before = _bps(file, UNDISTURBED_S - STRETCH_S)
    assert before > 0.7 * CEILING_KBPS * 1000
    assert _bps(file, length_s - STRETCH_S) < 0.7 * before
    assert close_to(footage.colour(0, 60, 60), yuv(int.from_bytes(LOGO, "big"))), "what the settings say"
    assert crops(file, np.s_[664:712, 1000:1272])[-1][1].max() > 200


def _bps(file: Path, begin_s: float) -> float:
    """Return the bits a second of the pictures in a stretch."""
    with av.open(str(file)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    at_s = [float(packet.pts * packet.time_base) - begin_s for packet in packets]
    found = [packet.size for packet, at in zip(packets, at_s, strict=True) if 0 <= at < STRETCH_S]
    return sum(found) * 8 / STRETCH_S


def _check(footage: Footage, length_s: float, for_s: float) -> None:
    """It has fewer pictures for as long as it says, the last second among it, and its sound is whole."""
    times = np.array([at for at, _ in footage.pictures])
    assert abs(times[-1] + 1 / 30 - length_s) < 0.05
    assert 1.0 < for_s < length_s
    fewer = times[times > length_s - for_s + 0.1]
    assert np.diff(fewer)[:-1].min() > 1.5 / 30, "of two pictures one is left out"
    assert abs(len(footage.sound) / 48_000 - length_s) < 0.1
    assert footage.level(TONE_HZ, length_s - 1.2, length_s - 0.2) > 0.1
