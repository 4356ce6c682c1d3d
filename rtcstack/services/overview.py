"""What goes on in a tenant's rooms now, and what the machine has left for it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from rtcstack.domain.plan import Plan
from rtcstack.domain.recording import ACTIVE, Recording
from rtcstack.domain.room import Room
from rtcstack.ports.database import Database
from rtcstack.repositories import dashboard, participants, recordings, rooms
from rtcstack.services.quotas import Quotas

_MOST = 100


@dataclass(frozen=True)
class LiveRoom:
    """An open room, how many are in it, and its active recording."""

    room: Room
    here: int
    recording: Recording | None


@dataclass(frozen=True)
class Now:
    """At most 100 of each, the newest first; `running` are recordings that have not ended."""

    rooms: Sequence[LiveRoom]
    running: Sequence[Recording]


@dataclass(frozen=True)
class Stored:
    """How many recordings there are by their state's word, the bytes of all, and what the plan allows."""

    totals: Mapping[str, int]
    stored_bytes: int
    plan: Plan


@dataclass(frozen=True)
class Disk:
    what: str
    free_bytes: int
    total_bytes: int


class Overview:
    """`folders` by what a person calls them."""

    def __init__(self, db: Database, quotas: Quotas, folders: Mapping[str, Path]) -> None:
        self._db, self._quotas, self._folders = db, quotas, folders

    async def now(self, tenant_id: str) -> Now:
        found = await rooms.list_open(self._db, tenant_id, _MOST)
        here = await participants.counts_here(self._db, tenant_id)
        running = await dashboard.list_running(self._db, tenant_id, _MOST)
        active = {recording.room_id: recording for recording in running if recording.state in ACTIVE}
        return Now([LiveRoom(room, here.get(room.id, 0), active.get(room.id)) for room in found], running)

    async def stored(self, tenant_id: str) -> Stored:
        """Raises `NotFound` for an unknown tenant."""
        plan = await self._quotas.plan(self._db, tenant_id)
        stored_bytes = await recordings.stored_bytes(self._db, tenant_id)
        return Stored(await dashboard.totals(self._db, tenant_id), stored_bytes, plan)

    async def pulse(self, tenant_id: str) -> str:
        """Return a text that is another one as soon as something has changed that a page shows."""
        return await dashboard.pulse(self._db, tenant_id)

    async def disks(self) -> Sequence[Disk]:
        """Return the file systems that are written to, each once."""
        return await asyncio.to_thread(self._disks)

    def _disks(self) -> list[Disk]:
        found: dict[int, Disk] = {}
        for what, folder in self._folders.items():
            if folder.exists():
                usage = disk_usage(folder)
                found.setdefault(folder.stat().st_dev, Disk(what, usage.free, usage.total))
        return list(found.values())
