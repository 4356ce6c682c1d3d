"""Recordings in the states that the library works on."""

from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording, RecordingState
from tests.unit.services.conftest import World

COLD = "recordings-archive"


def egress_of(recording: Recording, status: EgressStatus, error: str = "") -> EgressSnapshot:
    is_complete = status is EgressStatus.COMPLETE
    return EgressSnapshot(
        recording.egress_id or "EG_none",
        recording.room_id,
        status,
        1,
        recording.object_key,
        size_bytes=1000 if is_complete else None,
        duration_ms=60_000 if is_complete else None,
        error=error,
    )


async def tell(world: World, egress: EgressSnapshot) -> None:
    """Let LiveKit have the egress so and let us have heard of it."""
    world.livekit.egresses[egress.egress_id] = egress
    async with world.db.transaction() as tx:
        await world.egress_events.apply(tx, egress)


async def stalled(world: World, room_id: str = "room-abc") -> Recording:
    """Return a recording that was stopped and of which nothing was heard since."""
    recording = await world.started(room_id)
    await tell(world, egress_of(recording, EgressStatus.ACTIVE))
    await world.stop.stop("default", room_id)
    return await world.recording(recording.id)


async def processing(world: World, room_id: str = "room-abc") -> Recording:
    """Return a recording whose file LiveKit has reported; the bucket does not have it."""
    recording = await stalled(world, room_id)
    await tell(world, egress_of(recording, EgressStatus.COMPLETE))
    return await world.recording(recording.id)


async def ready(world: World, room_id: str = "room-abc") -> Recording:
    recording = await processing(world, room_id)
    world.storage.put(recording.object_key, 1000)
    await world.finalize.finalize(recording.id)
    found = await world.recording(recording.id)
    assert found.state is RecordingState.READY
    return found


async def failed(world: World, room_id: str = "room-abc") -> Recording:
    recording = await stalled(world, room_id)
    await tell(world, egress_of(recording, EgressStatus.FAILED, "the encoder died"))
    return await world.recording(recording.id)


async def run(world: World, kind: JobKind) -> bool:
    return bool(await world.library_jobs[kind].run_next())
