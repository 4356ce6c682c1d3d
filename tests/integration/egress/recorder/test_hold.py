"""Who is held back: each participant with all that they send, and nobody else."""

import asyncio
import time

from rtcstack.egress.recorder.hold import Hold
from rtcstack.egress.recorder.media import AudioInlet, VideoInlet
from rtcstack.egress.recorder.room import RoomSession
from tests.integration.egress.recorder.harness import PATIENCE_S, Stagehand
from tests.integration.egress.recorder.test_layers import joined

MS = 1_000_000


async def until_there_are(session: RoomSession, pictures: int, sounds: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while _counts(session) != (pictures, sounds):
            await asyncio.sleep(0.05)


def _counts(session: RoomSession) -> tuple[int, int]:
    kinds = [type(inlet) for inlet in session.inlets().values()]
    return kinds.count(VideoInlet), kinds.count(AudioInlet)


def holds(session: RoomSession) -> set[Hold]:
    return {inlet.hold for inlet in session.inlets().values()}


async def test_what_one_participant_sends_is_held_back_together_and_a_pause_ends_so_much_later(
    stage: Stagehand,
) -> None:
    stage.come("ann", tone_hz=300)
    async with joined(stage) as session:
        await until_there_are(session, 1, 1)
        (anns,) = holds(session)
        now_ns = time.monotonic_ns()
        anns.may_rise = True
        anns.want(300 * MS, now_ns)
        stage.come("bob", tone_hz=400)
        await until_there_are(session, 2, 2)
        assert sorted(hold.at(now_ns) // MS for hold in holds(session)) == [0, 300]
        assert session._stage.scene.held_ns(now_ns) == 300 * MS, "so a resume waits as long"
