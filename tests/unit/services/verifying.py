"""A recording of a minute that is to be verified, and the job that does it."""

import hashlib

from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.ports.storage import StoredObject
from tests.unit.services.conftest import World
from tests.unit.services.library.conftest import ready

FILM = b"the film"
DIGEST = hashlib.sha256(FILM).hexdigest()


async def recorded(world: World, *, first_frame_s: float = -60, last_frame_s: float = 0) -> Recording:
    """Return a ready recording of a minute whose recorder measured its file; its frames count from the stop."""
    recording = await ready(world)
    stopped_at_ms = recording.stopped_at_ms or 0
    async with world.db.transaction() as tx:
        await tx.execute(
            """UPDATE recordings SET checksum = :digest, size_bytes = :size,
                streams = '{"video":"h264","audio":"aac"}' WHERE id = :id""",
            digest=DIGEST,
            size=len(FILM),
            id=recording.id,
        )
        await tx.execute(
            "UPDATE recording_parts SET started_at_ms = :began, ended_at_ms = :ended",
            began=stopped_at_ms + first_frame_s * 1000,
            ended=stopped_at_ms + last_frame_s * 1000,
        )
    return await world.recording(recording.id)


def store(world: World, recording: Recording, film: bytes) -> None:
    """Put an object there whose digest is that of these bytes."""
    key, digest = recording.object_key, hashlib.sha256(film).hexdigest()
    world.storage.objects[key] = StoredObject(key, len(film), digest, {})


async def verify(world: World) -> bool:
    return bool(await world.media_jobs[JobKind.VERIFY].run_next())
