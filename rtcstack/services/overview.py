"""What goes on in a tenant's rooms now, and what the machine has left for it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from rtcstack.domain.plan import Plan
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room
from rtcstack.domain.room_list import RoomCursor
from rtcstack.ports.database import Database
from rtcstack.repositories import audit, dashboard, participants, recordings
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
    """At most 100 of each, the newest first: rooms with somebody in them, and recordings that have not ended, active ones before
    those that are being finished.

    `names` says what the rooms of recordings are called. `live` and `people` are numbers of all such rooms, and of who is in them.
    """

    rooms: Sequence[LiveRoom]
    running: Sequence[Recording]
    names: Mapping[str, str]
    live: int
    people: int


@dataclass(frozen=True)
class RoomPage:
    """`total` counts all open rooms; `after` is where the next page begins, None if this is the last one."""

    rooms: Sequence[LiveRoom]
    total: int
    after: RoomCursor | None


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
        here = await participants.counts_here(self._db, tenant_id)
        found = await dashboard.list_live_rooms(self._db, tenant_id, _MOST)
        running = await dashboard.list_running(self._db, tenant_id, _MOST)
        names = await dashboard.room_names(self._db, tenant_id, [one.room_id for one in running])
        live = await self._live(tenant_id, found, here)
        return Now(live, running, names, len(here), sum(here.values()))

    async def rooms(
        self, tenant_id: str, *, text: str = "", cursor: RoomCursor | None = None, limit: int = _MOST
    ) -> RoomPage:
        """Return open rooms, newest first, those after the cursor, and only those whose id or name has the text in it."""
        found = await dashboard.list_open_rooms(
            self._db, tenant_id, text=text, cursor=cursor, limit=limit + 1
        )
        shown = found[:limit]
        after = RoomCursor(shown[-1].created_at_ms, shown[-1].id) if len(found) > limit else None
        here = await participants.counts_here(self._db, tenant_id)
        total = await dashboard.count_open_rooms(self._db, tenant_id)
        return RoomPage(await self._live(tenant_id, shown, here), total, after)

    async def _live(
        self, tenant_id: str, found: Sequence[Room], here: Mapping[str, int]
    ) -> Sequence[LiveRoom]:
        active = await dashboard.active_of_rooms(self._db, tenant_id, [room.id for room in found])
        return [LiveRoom(room, here.get(room.id, 0), active.get(room.id)) for room in found]

    async def stored(self, tenant_id: str) -> Stored:
        """Raises `NotFound` for an unknown tenant."""
        plan = await self._quotas.plan(self._db, tenant_id)
        stored_bytes = await recordings.stored_bytes(self._db, tenant_id)
        return Stored(await dashboard.totals(self._db, tenant_id), stored_bytes, plan)

    async def pulse(self, tenant_id: str, *, with_every_act: bool = False) -> str:
        """Return a text that is another one as soon as something has changed that a page of the tenant shows, or with every act
        one that shows what is done to the objects of all tenants.
        """
        told = await dashboard.pulse(self._db, tenant_id)
        return f"{told} {await audit.last_id(self._db)}" if with_every_act else told

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
