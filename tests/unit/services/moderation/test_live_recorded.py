"""Running halls whose recordings are written on this machine: when a finding was, and that none waits for another."""

import asyncio
from pathlib import Path

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room
from rtcstack.ports.media import MediaSource, Snapshot
from tests.fakes.media import FakeMedia
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, tell
from tests.unit.services.livekit_events import join
from tests.unit.services.moderation.conftest import found, hall

_BOUND_S = 10


async def _recorded_here(world: World, spool: Path, **fields: str) -> tuple[Room, Recording]:
    of = await hall(world, record=True, moderation_action="close", **fields)
    await join(world, of.id, f"PA_{of.id}")
    [recording] = await world.recording_query.list_of_room(TENANT, of.id)
    await tell(world, egress_of(recording, EgressStatus.ACTIVE))
    recording = await world.recording(recording.id)
    folder = spool / str(recording.egress_id)
    folder.mkdir(parents=True)
    (folder / "part-1.mp4").write_bytes(b"pictures")
    return of, recording


async def _is_closed(world: World, of: Room) -> bool:
    return (await world.halls.get(TENANT, of.id))[0].is_closed


async def test_a_finding_was_when_the_frame_was_taken_not_when_it_was_looked_at(
    moderated: World, tmp_path: Path
) -> None:
    of, recording = await _recorded_here(moderated, tmp_path / "spool")
    first_frame_ms = moderated.clock.now_ms() - 60_000
    async with moderated.db.transaction() as tx:
        await tx.execute(
            "UPDATE recording_parts SET started_at_ms = :at_ms WHERE recording_id = :id",
            at_ms=first_frame_ms,
            id=recording.id,
        )
    moderated.media.shots = [b"clean", b"clean", b"nsfw 0.8"]
    moderated.clock.advance(15)  # the picture takes its time
    await moderated.live_moderation.run_once()
    [one] = await moderated.moderation_findings.list_of_hall(of)
    assert (one.position_ms, one.at_ms - first_frame_ms) == (2000, 2000)


class _Held(FakeMedia):
    """Gives no picture of one egress before it is told to."""

    held: str
    release: asyncio.Event

    async def newest(self, source: MediaSource, folder: Path) -> Snapshot:
        if self.held in str(source.files[0]):
            await self.release.wait()
        return await super().newest(source, folder)


async def test_no_hall_is_closed_later_for_anothers_picture(moderated: World, tmp_path: Path) -> None:
    slow, recording = await _recorded_here(moderated, tmp_path / "spool", name="slow")
    quick, _ = await _recorded_here(moderated, tmp_path / "spool", name="quick")
    joined = await hall(moderated, moderation_action="close")
    await join(moderated, joined.id, "PA_joined")
    moderated.media.shots = [b"nsfw 0.8"]
    moderated.room_view.shown[joined.id] = b"nsfw 0.8"
    moderated.media.__class__ = _Held
    moderated.media.held, moderated.media.release = str(recording.egress_id), asyncio.Event()
    round_of_looks = asyncio.create_task(moderated.live_moderation.run_once())
    async with asyncio.timeout(_BOUND_S):
        while not (await _is_closed(moderated, quick) and await _is_closed(moderated, joined)):
            await asyncio.sleep(0.01)
    assert not await _is_closed(moderated, slow)
    assert not round_of_looks.done()
    moderated.media.release.set()
    async with asyncio.timeout(_BOUND_S):
        await round_of_looks
    assert await _is_closed(moderated, slow)
    assert await found(moderated, slow) == [(0.0, "nsfw")]
