"""Make a backup: the state as it is at one instant, and the list of the objects that it names."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from rtcstack.clock import Clock
from rtcstack.domain.backup import NOTE, OBJECTS, SECRETS, STATE, BackupFacts, FileFacts
from rtcstack.errors import Invalid
from rtcstack.held_folder import scratch_folder
from rtcstack.ports.backup import Shelf, Snapshots
from rtcstack.ports.database import Reader
from rtcstack.repositories import objects
from rtcstack.services.backup.listing import listed


class Backups:
    def __init__(
        self, snapshots: Snapshots, clock: Clock, *, version: str, scratch: Path, secrets: Mapping[str, str]
    ) -> None:
        """`scratch` has space for a snapshot; `secrets` are the appliance's own, by the file that each lies in."""
        self._snapshots, self._clock, self._version = snapshots, clock, version
        self._scratch, self._secrets = scratch, secrets

    async def take(self, shelf: Shelf, *, with_secrets: bool = False) -> BackupFacts:
        """Put a new backup on the shelf. The appliance may run meanwhile.

        Raises:
            DiskFull: also if the shelf cannot be written to.
        """
        now_ms = self._clock.now_ms()
        with scratch_folder(self._scratch, ".backup-") as folder:
            await self._snapshots.take(folder / STATE)
            async with self._snapshots.opened(folder / STATE) as db:
                recordings, count, total = await _list_objects(db, folder / OBJECTS)
                keks = tuple(await objects.keks(db))
            if with_secrets:
                (folder / SECRETS).write_text(json.dumps(dict(self._secrets)), encoding="utf-8")
            facts = BackupFacts(
                name=await self._free_name(shelf, now_ms),
                created_at_ms=now_ms,
                version=self._version,
                files=await asyncio.to_thread(facts_of, folder),
                recordings=recordings,
                objects=count,
                objects_bytes=total,
                keks=keks,
            )
            await shelf.put(facts, folder)
            await asyncio.to_thread(self._note, facts, folder / NOTE)
        return facts

    def _note(self, facts: BackupFacts, made: Path) -> None:
        """Leave behind that there is one: for whoever looks after the appliance. The backup is good without that."""
        with suppress(OSError):
            made.write_text(json.dumps({"name": facts.name, "created_at_ms": facts.created_at_ms}))
            made.replace(self._scratch / NOTE)

    async def prune(self, shelf: Shelf, keep: int, taken: BackupFacts) -> list[str]:
        """Remove all but the newest `keep` backups and return their names; the one just taken stays, whatever the clock said before.

        Raises:
            Invalid: it cannot be read what belongs to one of them.
        """
        removed: list[str] = []
        unread: list[str] = []
        for name in [name for name in list(await shelf.names())[:-keep] if name != taken.name]:
            try:
                facts = await shelf.facts(name)
            except Invalid as e:
                unread.append(e.message)
                continue
            await shelf.remove(facts)
            removed.append(name)
        if unread:
            raise Invalid(f"The backup {taken.name} was made; an older one stays: {' '.join(unread)}")
        return removed

    async def _free_name(self, shelf: Shelf, now_ms: int) -> str:
        stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
        taken = {*await shelf.names(), *await shelf.unfinished()}
        return next(
            name for n in range(len(taken) + 1) if (name := f"{stamp}-{n}" if n else stamp) not in taken
        )


def facts_of(folder: Path) -> dict[str, FileFacts]:
    """Return size and digest of each file of a backup that the folder has."""
    found = {}
    for file in (folder / name for name in (STATE, OBJECTS, SECRETS)):
        if not file.is_file():
            continue
        with file.open("rb") as opened:
            found[file.name] = FileFacts(file.stat().st_size, file_digest(opened, "sha256").hexdigest())
    return found


async def _list_objects(reader: Reader, file: Path) -> tuple[int, int, int]:
    """Write one JSON object a line; return how many recordings, objects and bytes there are."""
    recordings, count, total = 0, 0, 0
    with gzip.open(file, "wt", encoding="utf-8") as out:
        async for each in listed(reader):
            out.write(json.dumps(asdict(each)) + "\n")
            recordings += each.what == "recording"
            count += 1
            total += each.size_bytes or 0
    return recordings, count, total
