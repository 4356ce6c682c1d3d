"""Which tracks and which of their simulcast layers a recorder asks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.director import Director
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.media import VideoInlet
from rtcstack.egress.recorder.room import RoomSession
from rtcstack.egress.recorder.stage import Stage
from tests.integration.egress.recorder.harness import PATIENCE_S, Stagehand

FULL, HALF, QUARTER = (1280, 720), (640, 360), (320, 180)


@asynccontextmanager
async def joined(stage: Stagehand, **more: Any) -> AsyncIterator[RoomSession]:
    fields = stage.job(folder=".", **more)
    job = msgspec.convert(fields, RecordingJob, dec_hook=lambda _, text: Path(text))
    hub = Hub(asyncio.get_running_loop())
    session = RoomSession(job, hub, Director(job), Stage(), lambda _: None)
    await session.join()
    try:
        yield session
    finally:
        await session.leave()
        hub.close_all()


def sizes(session: RoomSession) -> set[tuple[int, int]]:
    inlets = [inlet for inlet in session.inlets().values() if isinstance(inlet, VideoInlet)]
    pictures = [inlet.picture_at(2**63) for inlet in inlets]
    return {picture.size for picture in pictures if picture}


async def wait_for(session: RoomSession, wanted: set[tuple[int, int]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while sizes(session) != wanted:
            await asyncio.sleep(0.1)


async def test_a_small_tile_gets_the_small_layer_and_a_large_one_the_large(stage: Stagehand) -> None:
    stage.come("ann", width=1280, height=720, simulcast=True, has_audio=False, moves=True)
    async with joined(stage, encoding={"width": 320, "height": 180}) as session:
        await wait_for(session, {QUARTER})
    async with joined(stage, encoding={"width": 1280, "height": 720}) as session:
        await wait_for(session, {FULL})
        stage.come("bob", has_video=False, tone_hz=300)  # from now on the picture has half of the width
        await wait_for(session, {HALF})


async def test_who_is_not_shown_is_not_received(stage: Stagehand) -> None:
    stage.come("ann", has_audio=False)
    stage.come("bob", has_audio=False, width=320, height=240)
    async with joined(stage, layout="single-speaker") as session:
        await wait_for(session, {HALF})
    async with joined(stage, layout="grid?maxTiles=1") as session:
        await wait_for(session, {HALF})
    async with joined(stage) as session:
        await wait_for(session, {HALF, (320, 240)})
