"""`ports/kept_files.py` on a spool: folders whose journal says that the worker is done with them."""

from pathlib import Path

from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.spool import SpoolFolder
from rtcstack.ports.kept_files import KeptFile


class KeptInSpool:
    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def find(self, egress_id: str) -> KeptFile | None:
        folder = SpoolFolder(self._spool / egress_id)
        journal = Journal(folder.journal)
        journal.read()
        facts = journal.facts
        if not facts.is_closed or facts.stored or facts.made is None or not folder.recording.exists():
            return None
        return KeptFile(
            egress_id=egress_id,
            file=folder.recording,
            index=folder.index,
            metadata=facts.made.metadata,
            size_bytes=folder.recording.stat().st_size,
            duration_ms=facts.made.duration_ms,
        )

    def is_awaited(self, egress_id: str) -> bool:
        folder = SpoolFolder(self._spool / egress_id)
        journal = Journal(folder.journal)
        journal.read()
        return not journal.facts.is_closed and (bool(folder.parts()) or folder.recording.exists())

    def remove(self, kept: KeptFile) -> None:
        SpoolFolder(self._spool / kept.egress_id).remove()
