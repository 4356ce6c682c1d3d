"""Backups in a folder."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from rtcstack.disk import sync
from rtcstack.domain.backup import OBJECTS, SECRETS, STATE, BackupFacts, from_json, is_name, to_json
from rtcstack.errors import Conflict, DiskFull, Invalid, NotFound
from rtcstack.held_folder import at_work, deserted


class FolderShelf:
    """What a killed process left is cleared when the next backup is put, where it is certain that nobody is at it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    async def names(self) -> Sequence[str]:
        there = (file.stem for file in self._path.glob("*.json") if file.with_suffix("").is_dir())
        return sorted(name for name in there if is_name(name))

    async def unfinished(self) -> Sequence[str]:
        return sorted(folder.name for folder in self._path.glob("*") if self._is_unfinished(folder))

    def _is_unfinished(self, folder: Path) -> bool:
        is_ours = is_name(folder.name) and folder.is_dir() and not folder.is_symlink()
        return is_ours and not self._facts_of(folder.name).exists()

    def _facts_of(self, name: str) -> Path:
        return self._path / f"{name}.json"

    async def put(self, facts: BackupFacts, folder: Path) -> None:
        await asyncio.to_thread(self._put, facts, folder)

    def _put(self, facts: BackupFacts, folder: Path) -> None:
        target = self._path / facts.name
        try:
            self._clear_left()
            target.mkdir(parents=True, mode=0o700)
        except FileExistsError as e:
            if target.is_dir():
                raise _begun_by_another(target) from e
            raise _cannot_be_written(self._path, e) from e
        except OSError as e:
            raise _cannot_be_written(self._path, e) from e
        try:
            with at_work(target) as is_there:
                if not is_there:
                    raise _begun_by_another(target)
                self._write(facts, folder, target)
        except OSError as e:
            shutil.rmtree(target, ignore_errors=True)
            raise _cannot_be_written(self._path, e) from e

    def _write(self, facts: BackupFacts, folder: Path, target: Path) -> None:
        for name in facts.files:
            shutil.copyfile(folder / name, target / name)
            (target / name).chmod(0o600)
            sync(target / name)
        sync(target)
        last = self._unseen_facts_of(facts.name)
        last.write_text(to_json(facts), encoding="utf-8")
        sync(last)
        last.replace(self._facts_of(facts.name))
        sync(self._path)

    def _unseen_facts_of(self, name: str) -> Path:
        return self._path / f".{name}.json"

    def _clear_left(self) -> None:
        """Remove what never came to its end: named as ours, nothing but our files in it, and nobody at work there."""
        for folder in self._path.glob("*"):
            if not self._is_unfinished(folder):
                continue
            with deserted(folder) as is_deserted:
                if is_deserted and self._is_unfinished(folder) and _has_only_ours(folder):
                    self._unseen_facts_of(folder.name).unlink(missing_ok=True)
                    shutil.rmtree(folder, ignore_errors=True)

    async def facts(self, name: str) -> BackupFacts:
        try:
            return from_json(self._facts_of(name).read_text(encoding="utf-8"), name)
        except FileNotFoundError as e:
            raise NotFound(f"There is no backup {name} in {self._path}.") from e
        except (OSError, UnicodeDecodeError) as e:
            raise Invalid(f"{self._facts_of(name)} cannot be read: {e}.") from e

    async def fetch(self, facts: BackupFacts, folder: Path) -> None:
        for name in facts.files:
            try:
                await asyncio.to_thread(shutil.copyfile, self._path / facts.name / name, folder / name)
            except OSError as e:
                raise Invalid(f"{self._path / facts.name / name} cannot be read: {e.strerror}.") from e

    async def remove(self, facts: BackupFacts) -> None:
        self._facts_of(facts.name).unlink(missing_ok=True)
        await asyncio.to_thread(shutil.rmtree, self._path / facts.name, ignore_errors=True)

    async def close(self) -> None:
        pass


def _has_only_ours(folder: Path) -> bool:
    return {file.name for file in folder.iterdir()} <= {STATE, OBJECTS, SECRETS}


def _begun_by_another(target: Path) -> Conflict:
    return Conflict(f"Another process makes a backup {target} in this second; try again.")


def _cannot_be_written(path: Path, error: OSError) -> DiskFull:
    return DiskFull(f"The backup cannot be written to {path}: {error.strerror}.")
