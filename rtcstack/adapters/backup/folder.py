"""Backups in a folder."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rtcstack.domain.backup import BackupFacts, from_json, to_json
from rtcstack.errors import DiskFull, Invalid, NotFound


class FolderShelf:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    async def names(self) -> Sequence[str]:
        return sorted(file.stem for file in self._path.glob("*.json") if file.with_suffix("").is_dir())

    async def put(self, facts: BackupFacts, folder: Path) -> None:
        await asyncio.to_thread(self._put, facts, folder)

    def _put(self, facts: BackupFacts, folder: Path) -> None:
        target = self._path / facts.name
        try:
            target.mkdir(parents=True, mode=0o700)
            for name in facts.files:
                shutil.copyfile(folder / name, target / name)
                (target / name).chmod(0o600)
                _sync(target / name)
            _sync(target)
            last = self._path / f".{facts.name}.json"
            last.write_text(to_json(facts), encoding="utf-8")
            _sync(last)
            last.replace(self._path / f"{facts.name}.json")
            _sync(self._path)
        except OSError as e:
            shutil.rmtree(target, ignore_errors=True)
            raise DiskFull(f"The backup cannot be written to {self._path}: {e.strerror}.") from e

    async def facts(self, name: str) -> BackupFacts:
        try:
            return from_json((self._path / f"{name}.json").read_text(encoding="utf-8"))
        except FileNotFoundError as e:
            raise NotFound(f"There is no backup {name} in {self._path}.") from e
        except (OSError, UnicodeDecodeError) as e:
            raise Invalid(f"{self._path / name}.json cannot be read: {e}.") from e

    async def fetch(self, facts: BackupFacts, folder: Path) -> None:
        for name in facts.files:
            try:
                await asyncio.to_thread(shutil.copyfile, self._path / facts.name / name, folder / name)
            except OSError as e:
                raise Invalid(f"{self._path / facts.name / name} cannot be read: {e.strerror}.") from e

    async def remove(self, facts: BackupFacts) -> None:
        (self._path / f"{facts.name}.json").unlink(missing_ok=True)
        await asyncio.to_thread(shutil.rmtree, self._path / facts.name, ignore_errors=True)

    async def close(self) -> None:
        pass


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
