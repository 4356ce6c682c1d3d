"""Bring a backup into a data folder that has no state yet."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from rtcstack.disk import sync
from rtcstack.domain.backup import SECRETS, STATE, BackupFacts
from rtcstack.errors import Conflict, Invalid
from rtcstack.ports.backup import Shelf
from rtcstack.services.backup.check import BackupCheck


class Restore:
    """`keep_secrets` puts the appliance's secrets, by name, where they belong, without replacing one."""

    def __init__(
        self, check: BackupCheck, database: Path, keep_secrets: Callable[[Mapping[str, str]], None]
    ) -> None:
        self._check, self._database, self._keep_secrets = check, database, keep_secrets

    async def restore(self, shelf: Shelf, name: str | None) -> BackupFacts:
        """Restore that backup, the newest unless named. Nothing is there, or all of it.

        Raises:
            Conflict: there is a database in the data folder.
            NotFound: there is no such backup.
            Invalid: it is not what was written, or was written by a newer version.
        """
        wal = self._database.with_name(f"{self._database.name}-wal")
        if there := [file for file in (self._database, wal) if file.exists()]:
            raise Conflict(
                f"There is a database already, {there[0]}: a backup is restored into an empty data folder only. "
                "Move it away, or give another --data."
            )
        async with self._check.fetched(shelf, name) as (checked, folder):
            if checked.faults:
                raise Invalid("The backup is not restored. " + " ".join(checked.faults))
            if checked.facts.has_secrets:
                self._keep_secrets(json.loads((folder / SECRETS).read_text(encoding="utf-8")))
            self._database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._put_in_place(folder / STATE)
        return checked.facts

    def _put_in_place(self, state: Path) -> None:
        beside = self._database.with_name(f".{self._database.name}.restoring")
        shutil.move(state, beside)
        beside.chmod(0o600)
        sync(beside)
        beside.rename(self._database)
        sync(self._database.parent)
