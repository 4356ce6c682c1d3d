"""Recordings that clips are made of, and the clips' job."""

import asyncio
import json
from pathlib import Path
from typing import Any

from rtcstack.domain.clip import Clip
from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.repositories import clips
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, tell


async def running(world: World, room_id: str = "room-abc", *, for_s: float = 60) -> Recording:
    """Return a recording that has run for so long."""
    recording = await world.started(room_id)
    await tell(world, egress_of(recording, EgressStatus.ACTIVE))
    world.clock.advance(for_s)
    return await world.recording(recording.id)


def spool(world: World, recording: Recording, parts: int = 1) -> tuple[Path, ...]:
    """Put parts into the spool, as a recorder of this machine writes them."""
    folder = world.settings.spool_path / str(recording.egress_id)
    folder.mkdir(parents=True)
    files = tuple(folder / f"part-{n}.mp4" for n in range(1, parts + 1))
    for file in files:
        file.write_bytes(b"a part")
    return files


async def ask(
    world: World, recording: Recording, start_s: float = 10, end_s: float = 20, **fields: Any
) -> Clip:
    given = {"label": "key-moment", "mode": "reencode", **fields}
    clip: Clip = await world.clip_create.create(TENANT, recording.id, start_s=start_s, end_s=end_s, **given)
    return clip


async def cut(world: World) -> bool:
    """Do the next clip's job, if one is due."""
    return bool(await world.media_jobs[JobKind.CLIP].run_next())


async def clip_of(world: World, clip_id: str) -> Clip:
    found = await clips.find(world.db, clip_id)
    assert found is not None
    return found


async def events(world: World, name: str) -> list[dict[str, Any]]:
    rows = await world.db.all("SELECT body FROM outbox WHERE event = :name ORDER BY id", name=name)
    return [json.loads(row["body"])["data"] for row in rows]


async def for_ever() -> None:
    await asyncio.Event().wait()
