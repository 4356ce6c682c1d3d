"""`rtcstack storage move`: bring a tenant's recordings to the bucket that is set now, beside the running appliance."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rtcstack import log
from rtcstack.domain.object_key import folder
from rtcstack.domain.recording import Recording
from rtcstack.domain.relocation import Belongings, Target, relocated
from rtcstack.errors import Conflict, PartUnavailable, RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import moving, recordings, tenants
from rtcstack.services.storage.carry import Item, carry, items
from rtcstack.services.storage.originals import Original, Originals
from rtcstack.services.storage.place import Places
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_SILENT_AT_MOST = 3


@dataclass(frozen=True)
class Plan:
    recordings: int
    bytes: int
    bucket: str


@dataclass
class Moved:
    recordings: int = 0
    bytes: int = 0
    deleted: int = 0
    """Original objects that were deleted."""
    busy: int = 0
    """Recordings that something else was being done with: the next run takes them."""
    unfinished: int = 0
    """Recordings that are still being made."""
    failures: list[str] = field(default_factory=list)

    @property
    def is_all(self) -> bool:
        return not (self.busy or self.unfinished or self.failures)


Progress = Callable[[Recording, int], None]
"""Told of each object: whose it is, and its size in bytes."""


class StorageMove:
    """`workspace` takes one object at a time; `notes` keeps what was left behind."""

    def __init__(
        self, db: Database, stores: Stores, places: Places, workspace: Path, notes: Path, *, cold_bucket: str
    ) -> None:
        self._db, self._stores, self._places = db, stores, places
        self._workspace, self._notes, self._cold_bucket = workspace, notes, cold_bucket

    async def plan(self, tenant_id: str) -> Plan:
        """Return what there is to do.

        Raises:
            NotFound: there is no such tenant.
            Conflict: it has no bucket to move to, or that one's key may not read what it puts.
        """
        target = await self._target(tenant_id)
        n, size_bytes = await moving.count(self._db, tenant_id, target.storage_id)
        return Plan(n, size_bytes, target.bucket)

    async def move(self, tenant_id: str, progress: Progress, *, delete_originals: bool) -> Moved:
        """Move every recording that is ready or archived, the oldest first; what cannot be moved is told, and stays.

        Each is switched when all of it was copied and found equal. A run that was killed is taken up by the next.
        Originals are deleted only if that is asked for, also those of earlier runs.

        Raises:
            Conflict: as `plan` does; `move_running`.
            PartUnavailable: a store does not answer, several times in a row.
        """
        target, done = await self._target(tenant_id), Moved()
        originals = Originals(self._notes / f"{tenant_id}.jsonl")
        with originals.locked():
            for left in self._workspace.glob(f"move-{tenant_id}.*"):  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            await self._move_all(tenant_id, target, originals, progress, done)
            if delete_originals:
                await self._delete(originals, done)
        done.unfinished = await moving.count_unfinished(self._db, tenant_id, target.storage_id)
        return done

    async def _move_all(
        self, tenant_id: str, target: Target, originals: Originals, progress: Progress, done: Moved
    ) -> None:
        at: Recording | None = None
        silent = 0
        while at := await moving.find_next(self._db, tenant_id, target.storage_id, at):
            try:
                await self._move(at, target, originals, progress, done)
                silent = 0
            except RtcError as e:
                _log.warning("a recording was not moved", recording_id=at.id, error=e.message)
                done.failures.append(f"{at.id}: {e.message}")
                silent = silent + 1 if isinstance(e, PartUnavailable) else 0
                if silent == _SILENT_AT_MOST:
                    raise

    async def _target(self, tenant_id: str) -> Target:
        await tenants.plan_of(self._db, tenant_id)  # raises for an unknown one
        own = await self._places.current(self._db, tenant_id)
        await self._stores.check_readable(own.id if own else None)
        return Target(own, self._places.shared_bucket, self._cold_bucket)

    async def _move(
        self, recording: Recording, target: Target, originals: Originals, progress: Progress, done: Moved
    ) -> None:
        if await moving.is_busy(self._db, recording.id):
            done.busy += 1
            return
        await self._stores.check_readable(recording.storage_id)
        old = await moving.belongings(self._db, recording)
        new = relocated(old, await self._head(recording), target)
        if await moving.is_taken(self._db, new.recording):
            raise Conflict(f"Another recording has the key {new.recording.object_key} in {target.bucket}.")
        copies = items(old, new)
        for item in copies:
            size_bytes = await self._carry(item, old, new)
            done.bytes += size_bytes
            progress(recording, size_bytes)
        original = Original(recording.id, recording.storage_id, [item.source for item in copies])
        await asyncio.to_thread(originals.add, original)
        async with self._db.transaction() as tx:
            is_switched = await moving.switch(tx, old, new)
        done.recordings += is_switched
        done.busy += not is_switched

    async def _carry(self, item: Item, old: Belongings, new: Belongings) -> int:
        """The stores are asked for each time: keys may have been changed during a move of hours."""
        source = await self._stores.of(old.recording.storage_id)
        target = await self._stores.of(new.recording.storage_id)
        self._workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(
            dir=self._workspace, prefix=f"move-{old.recording.tenant_id}."
        ) as path:
            return await carry(item, source, target, Path(path) / Path(item.source.key).name)

    async def _head(self, recording: Recording) -> str:
        """Return what stands before the room in the recording's keys now."""
        if recording.storage_id is None:
            head = folder(recording.tenant_id, "").removesuffix("/")
        else:
            head = (await self._stores.bucket(recording.storage_id)).prefix
        return head if recording.object_key.startswith(head) else ""

    async def _delete(self, originals: Originals, done: Moved) -> None:
        """Only what a recording that lies elsewhere now has left behind; the index and pictures with it."""
        left = []
        for original in await asyncio.to_thread(originals.read):
            try:
                done.deleted += await self._delete_one(original)
            except RtcError as e:
                done.failures.append(f"{original.recording_id}: the originals stay: {e.message}")
                left.append(original)
        await asyncio.to_thread(originals.write, left)

    async def _delete_one(self, original: Original) -> int:
        now = await recordings.find(self._db, original.recording_id)
        if now is None or now.storage_id == original.storage_id:
            return 0
        storage = await self._stores.of(original.storage_id)
        for at in original.objects:
            if not await moving.is_known(self._db, original.storage_id, at.key):
                await storage.delete(at)
        return len(original.objects)
