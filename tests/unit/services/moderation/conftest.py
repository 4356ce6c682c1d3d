"""A world in which halls are moderated."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import egress_of, tell

ON = {
    "RTCSTACK_MODERATION__PROVIDER": "google",
    "RTCSTACK_MODERATION__ENDPOINT": "http://127.0.0.1:1",
    "RTCSTACK_MODERATION__INTERVAL_S": "10",
}


@pytest.fixture
def moderated(world: World) -> World:
    """Return a world whose provider is the fake one: the settings only have to name some."""
    return replace(world, environ=ON)


async def hall(world: World, tenant_id: str = TENANT, **fields: Any) -> Room:
    asked = {"name": "demo", "max_participants": 50, "record": False, "moderation": True, "metadata": {}}
    made, _ = await world.halls.create(tenant_id, **{**asked, **fields})
    return made


async def recorded(world: World, of: Room) -> Recording:
    """Return the hall's recording, which has become ready."""
    [recording] = await world.recording_query.list_of_room(of.tenant_id, of.id)
    await tell(world, egress_of(recording, EgressStatus.ACTIVE))
    await world.stop.stop(of.tenant_id, of.id)
    recording = await world.recording(recording.id)
    await tell(world, egress_of(recording, EgressStatus.COMPLETE))
    world.storage.put(recording.object_key, 1000)
    await world.finalize.finalize(recording.id)
    return await world.recording(recording.id)


async def look_through(world: World) -> bool:
    """Do the next recording's moderation; return whether there was one."""
    return bool(await world.media_jobs[JobKind.MODERATE].run_next())


async def told(world: World) -> list[dict[str, Any]]:
    """Return the data of what customers were told, in order."""
    rows = await world.db.all("SELECT body FROM outbox WHERE event = 'moderation.flagged' ORDER BY id")
    return [json.loads(row["body"])["data"] for row in rows]


async def found(world: World, of: Room) -> list[tuple[float | None, str]]:
    """Return (position in seconds, category) of what was found, newest first."""
    listed = await world.moderation_findings.list_of_hall(of)
    return [(one.position_ms / 1000 if one.position_ms is not None else None, one.category) for one in listed]
