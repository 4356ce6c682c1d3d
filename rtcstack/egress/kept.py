"""`ports/kept_files.py` on a spool: folders whose journal says that the worker is done with them."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
from livekit.protocol.egress import EgressInfo

from rtcstack.adapters.livekit.egress_info import snapshot
from rtcstack.domain.egress import EgressSnapshot
from rtcstack.egress.dispatcher.journal import Facts, Journal
from rtcstack.egress.spool import SpoolFolder, spool_folders
from rtcstack.egress.zygote import FinishFailed
from rtcstack.errors import DiskFull, PartUnavailable
from rtcstack.ports.kept_files import Held, KeptFile, NoFile
from rtcstack.spawn import spawn_argv


class KeptInSpool:
    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def find(self, egress_id: str) -> KeptFile | None:
        folder = SpoolFolder(self._spool / egress_id)
        facts = _facts(folder)
        file = _file(folder)
        if not facts.is_closed or facts.stored or facts.made is None or not file.exists():
            return None
        return KeptFile(
            egress_id=egress_id,
            file=file,
            index=folder.index,
            metadata=facts.made.metadata,
            size_bytes=file.stat().st_size,
            duration_ms=facts.made.duration_ms,
        )

    def has_parts(self, egress_id: str) -> bool:
        folder = SpoolFolder(self._spool / egress_id)
        facts = _facts(folder)
        return facts.is_closed and not facts.stored and bool(folder.parts())

    async def make(self, egress_id: str) -> KeptFile:
        argv = spawn_argv("join-parts", str(self._spool / egress_id))
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if said:
            failed = msgspec.json.decode(said, type=FinishFailed)
            raise (DiskFull if failed.is_passing else NoFile)(failed.error)
        kept = None if process.returncode else await asyncio.to_thread(self.find, egress_id)
        if kept is None:
            told = "The process that joins a recording's parts died."
            if (
                process.returncode == -signal.SIGKILL
            ):  # as the kernel kills whoever needs memory that is short
                raise PartUnavailable(told, part="egress")
            raise NoFile(told)  # of the parts
        return kept

    def is_awaited(self, egress_id: str) -> bool:
        folder = SpoolFolder(self._spool / egress_id)
        return not _facts(folder).is_closed and (bool(folder.parts()) or _file(folder).exists())

    def find_end(self, egress_id: str) -> EgressSnapshot | None:
        facts = _facts(SpoolFolder(self._spool / egress_id))
        if not facts.info:
            return None
        told = snapshot(EgressInfo.FromString(facts.info))
        return told if told.is_ended else None

    def list_all(self) -> Sequence[Held]:
        held = (_held(folder) for folder in spool_folders(self._spool))
        return [one for one in held if one is not None]

    def remove(self, egress_id: str) -> None:
        folder = SpoolFolder(self._spool / egress_id)
        if _facts(folder).is_closed:
            with contextlib.suppress(FileNotFoundError):  # its worker removes it just now
                folder.remove()


def _facts(folder: SpoolFolder) -> Facts:
    journal = Journal(folder.journal)
    journal.read()
    return journal.facts


def _file(folder: SpoolFolder) -> Path:
    """Return where the parts are made one file; a folder whose order cannot be read is taken for one of an MP4."""
    try:
        return folder.file_of(folder.read_order())
    except (FileNotFoundError, msgspec.DecodeError):
        return folder.recording


def _held(folder: SpoolFolder) -> Held | None:
    """Return None if its worker removes it just now."""
    try:
        facts = _facts(folder)
        files = [*folder.parts(), *(file for file in [_file(folder)] if file.exists())]
        sizes = {
            (stat.st_dev, stat.st_ino): stat.st_size for stat in map(Path.stat, files)
        }  # a file may have two names
    except FileNotFoundError:
        return None
    return Held(folder.egress_id, sum(sizes.values()), facts.is_closed)
