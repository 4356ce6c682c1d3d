"""The spool of this machine ↔ recordings: what a worker has given up lies there until somebody takes it up."""

import asyncio

from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.domain.recording import RecordingState
from rtcstack.ports.database import Database
from rtcstack.ports.kept_files import Held, KeptFiles
from rtcstack.repositories import parts, recordings


class SpoolCheck:
    """Nothing is done about what it finds: a retry tells the customer anew, and is his to ask for."""

    name = "spool"

    def __init__(self, db: Database, kept: KeptFiles) -> None:
        self._db, self._kept = db, kept

    async def look(self, cursor: str) -> Look:
        del cursor
        held = await asyncio.to_thread(self._kept.list_all)
        findings = [await self._look_at(one) for one in held if one.is_done and one.size_bytes]
        return Look(len(held), [finding for finding in findings if finding])

    async def _look_at(self, held: Held) -> Finding | None:
        recording = await parts.find_by_egress(self._db, held.egress_id)
        if recording is None:
            text = f"The spool keeps {held.size_bytes} bytes of an egress that no recording is known of."
            return Finding(FindingKind.FILE_UNKNOWN, held.egress_id, text)
        if recording.state is not RecordingState.FAILED:
            return None
        if await recordings.find_visible(self._db, recording.tenant_id, recording.id) is None:
            return None  # deleted: it is retained as the rest of its data is, and goes with that
        kept = await asyncio.to_thread(self._kept.find, held.egress_id)
        what, how = (
            ("file", "takes it up again") if kept else ("parts", "tries again to make one file of them")
        )
        text = (
            f"It failed ({recording.error_code}), and the spool keeps its {what} of {held.size_bytes} bytes:"
            f" POST /api/v1/recordings/{recording.id}/retry {how}."
        )
        return Finding(FindingKind.FILE_KEPT, held.egress_id, text, recording.tenant_id, recording.id)
