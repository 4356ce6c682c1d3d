"""Backups in a bucket, under a prefix."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rtcstack.adapters.s3.store import S3Storage
from rtcstack.domain.backup import BackupFacts, from_json, is_name, to_json
from rtcstack.errors import NotFound, ObjectNotFound
from rtcstack.ports.storage import Location

_TYPE = "application/octet-stream"
_MOST_KEYS = 10_000
"""So many are looked at for what was interrupted; a backup has four."""


class BucketShelf:
    """`prefix` is empty or ends with a slash."""

    def __init__(self, storage: S3Storage, prefix: str) -> None:
        self._storage, self._prefix = storage, prefix

    def __str__(self) -> str:
        return f"s3://{self._storage.bucket}/{self._prefix}"

    async def names(self) -> Sequence[str]:
        keys = await self._storage.list_folder(self._prefix)
        names = (key.removeprefix(self._prefix)[:-5] for key in keys if key.endswith(".json"))
        return sorted(name for name in names if is_name(name))

    async def unfinished(self) -> Sequence[str]:
        keys = [
            each.key.removeprefix(self._prefix)
            for each in await self._storage.list_from(self._prefix, "", _MOST_KEYS)
        ]
        begun = {name for key in keys if (name := key.partition("/")[0]) != key and is_name(name)}
        return sorted(begun - {key.removesuffix(".json") for key in keys})

    async def put(self, facts: BackupFacts, folder: Path) -> None:
        for name in facts.files:
            await self._put(folder / name, f"{facts.name}/{name}")
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            last = Path(beside) / "facts.json"
            last.write_text(to_json(facts), encoding="utf-8")
            await self._put(last, f"{facts.name}.json")

    async def _put(self, file: Path, key: str) -> None:
        await self._storage.upload(file, f"{self._prefix}{key}", content_type=_TYPE, metadata={})

    def _at(self, key: str) -> Location:
        return Location(self._storage.bucket, f"{self._prefix}{key}")

    async def facts(self, name: str) -> BackupFacts:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "facts.json"
            try:
                await self._storage.download(self._at(f"{name}.json"), file)
            except ObjectNotFound as e:
                raise NotFound(f"There is no backup {name} in {self}.") from e
            return from_json(file.read_text(encoding="utf-8", errors="replace"), name)

    async def fetch(self, facts: BackupFacts, folder: Path) -> None:
        for name, told in facts.files.items():
            await self._storage.download(self._at(f"{facts.name}/{name}"), folder / name, told.size_bytes)

    async def remove(self, facts: BackupFacts) -> None:
        for key in (f"{facts.name}.json", *(f"{facts.name}/{name}" for name in facts.files)):
            await self._storage.delete(self._at(key))

    async def close(self) -> None:
        await self._storage.close()
