"""Hold a backup against its facts, and the objects that it lists against the stores."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rtcstack.domain.backup import OBJECTS, STATE, BackupFacts, ListedObject
from rtcstack.errors import Invalid, NotFound, ObjectNotFound, RtcError
from rtcstack.held_folder import scratch_folder
from rtcstack.ports.backup import Shelf, Snapshots
from rtcstack.services.backup.take import facts_of
from rtcstack.services.storage.stores import Stores

_AT_ONCE = 8


@dataclass
class Checked:
    facts: BackupFacts
    faults: list[str]
    """What is wrong with the backup itself."""
    looked_at: int = 0
    """Objects that were asked for."""
    lost: list[str] = field(default_factory=list)
    """Objects that are not there, or not what they were, each with the reason."""
    unfinished: Sequence[str] = ()
    """Backups on the shelf that never came to their end, or are being made."""

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.lost


class BackupCheck:
    def __init__(self, snapshots: Snapshots, scratch: Path, stores: Stores | None = None) -> None:
        """Without stores the objects cannot be looked for."""
        self._snapshots, self._scratch, self._stores = snapshots, scratch, stores

    async def check(self, shelf: Shelf, name: str | None, *, with_objects: bool = False) -> Checked:
        """Read all of the backup; the newest unless named.

        Raises:
            NotFound: there is none.
        """
        async with self.fetched(shelf, name) as (checked, folder):
            if with_objects and not checked.faults:
                await self._look_for_objects(checked, folder)
        checked.unfinished = await shelf.unfinished()
        return checked

    @asynccontextmanager
    async def fetched(self, shelf: Shelf, name: str | None) -> AsyncIterator[tuple[Checked, Path]]:
        """Bring a backup into a folder that goes away again, and say what is wrong with it."""
        facts = await find(shelf, name)
        with scratch_folder(self._scratch, ".restore-") as folder:
            try:
                await shelf.fetch(facts, folder)
            except RtcError as e:
                yield Checked(facts, [e.message]), folder
                return
            yield Checked(facts, await self._faults(facts, folder)), folder

    async def _faults(self, facts: BackupFacts, folder: Path) -> list[str]:
        if STATE not in facts.files or OBJECTS not in facts.files:
            return ["The backup has no state, or no list of objects."]
        there = await asyncio.to_thread(facts_of, folder)
        wrong = [name for name, told in facts.files.items() if there.get(name) != told]
        if wrong:
            return [f"{name} is not what was written: size or checksum differ." for name in wrong]
        return (await self._snapshots.check(folder / STATE)).all

    async def _look_for_objects(self, checked: Checked, folder: Path) -> None:
        with gzip.open(folder / OBJECTS, "rt", encoding="utf-8") as lines:
            found = (ListedObject(**json.loads(line)) for line in lines)
            while batch := list(islice(found, _AT_ONCE)):
                told = await asyncio.gather(*(self._fault(each) for each in batch))
                checked.looked_at += len(batch)
                checked.lost += [text for text in told if text]

    async def _fault(self, listed: ListedObject) -> str | None:
        where = f"{listed.what} {listed.bucket}/{listed.key}"
        try:
            if self._stores is None:
                raise Invalid("There is no appliance here whose stores could be asked.")
            store = await self._stores.of(listed.store)
            there = await store.stat(listed.key, listed.bucket)
        except ObjectNotFound:
            return f"{where}: is not there"
        except RtcError as e:
            return f"{where}: {e.message}"
        if listed.size_bytes not in {None, there.size_bytes}:
            return f"{where}: has {there.size_bytes} bytes, and not {listed.size_bytes}"
        return None


async def find(shelf: Shelf, name: str | None) -> BackupFacts:
    """Return the facts of that backup, or of the newest.

    Raises:
        NotFound: there is none.
    """
    names: Sequence[str] = await shelf.names()
    if not names:
        raise NotFound(f"There is no whole backup in {shelf}.")
    if name is not None and name not in names:
        raise NotFound(f"There is no backup {name} in {shelf}; there are {', '.join(_few(names))}.")
    return await shelf.facts(name or names[-1])


def _few(names: Sequence[str]) -> Iterator[str]:
    yield from names[-3:]
    if len(names) > 3:  # noqa: PLR2004 - as many as are named
        yield f"{len(names) - 3} older ones"
