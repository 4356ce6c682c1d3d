"""What a recording's worker says about it besides how it stands: what it lacks, what was noted, why it waits."""

import json
from collections.abc import Sequence

from rtcstack.domain.loss import Gap
from rtcstack.ports.database import Tx

_RECOVERED = "UPDATE recordings SET recovered = 1, gaps = :gaps WHERE id = :id"
_NOTES = "UPDATE recordings SET notes = :notes WHERE id = :id"
_UPLOAD_WAITS = "UPDATE recordings SET upload_waits = :words WHERE id = :id AND upload_waits IS NOT :words"


async def note_recovered(tx: Tx, recording_id: str, gaps: Sequence[Gap]) -> None:
    """Keep that somebody died over the recording, and what it lacks for that reason."""
    stored = json.dumps([[gap.at_ms, gap.lost_ms] for gap in gaps])
    await tx.execute(_RECOVERED, id=recording_id, gaps=stored)


async def note_notes(tx: Tx, recording_id: str, notes: Sequence[str]) -> None:
    await tx.execute(_NOTES, id=recording_id, notes=json.dumps(list(notes)))


async def note_upload_waits(tx: Tx, recording_id: str, words: str | None) -> None:
    """Keep why the store does not take the file; None once it has."""
    await tx.execute(_UPLOAD_WAITS, id=recording_id, words=words)
