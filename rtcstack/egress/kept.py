"""`ports/kept_files.py` on a spool: folders whose journal says that the worker is done with them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from livekit.protocol.egress import EgressInfo

from rtcstack.adapters.livekit.egress_info import snapshot
from rtcstack.domain.egress import EgressSnapshot
from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.spool import SpoolFolder, spool_folders
from rtcstack.ports.kept_files import Held, KeptFile


class KeptInSpool:
    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def find(self, egress_id: str) -> KeptFile | None:
        folder = SpoolFolder(self._spool / egress_id)
        journal = Journal(folder.journal)
        journal.read()
        facts = journal.facts
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

    def is_awaited(self, egress_id: str) -> bool:
        folder = SpoolFolder(self._spool / egress_id)
        journal = Journal(folder.journal)
        journal.read()
        return not journal.facts.is_closed and (bool(folder.parts()) or _file(folder).exists())

    def find_end(self, egress_id: str) -> EgressSnapshot | None:
        journal = Journal(SpoolFolder(self._spool / egress_id).journal)
        journal.read()
        if not journal.facts.info:
            return None
        told = snapshot(EgressInfo.FromString(journal.facts.info))
        return told if told.is_ended else None

    def list_all(self) -> Sequence[Held]:
        held = (_held(folder) for folder in spool_folders(self._spool))
        return [one for one in held if one is not None]

    def remove(self, kept: KeptFile) -> None:
        SpoolFolder(self._spool / kept.egress_id).remove()


def _file(folder: SpoolFolder) -> Path:
    """Return where the parts are made one file; a folder whose order cannot be read is taken for one of an MP4."""
    try:
        return folder.file_of(folder.read_order())
    except (FileNotFoundError, msgspec.DecodeError):
        return folder.recording


def _held(folder: SpoolFolder) -> Held | None:
    """Return None if its worker removes it just now."""
    journal = Journal(folder.journal)
    try:
        journal.read()
        files = [*folder.parts(), *(file for file in [_file(folder)] if file.exists())]
        size_bytes = sum(file.stat().st_size for file in files)
    except FileNotFoundError:
        return None
    return Held(folder.egress_id, size_bytes, journal.facts.is_closed)
