"""Object keys of tries to begin a recording that came to nothing: an egress that begins for one after all is stopped."""

from collections.abc import Sequence

from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Reader, Tx

_CHANGE_KEY = """UPDATE recordings SET object_key = :object_key
    WHERE id = :id AND object_key = :before AND state = 'starting' AND egress_id IS NULL"""
_ABANDON = """INSERT INTO abandoned_keys (tenant_id, room_id, object_key, recording_id, abandoned_at_ms)
    VALUES (:tenant_id, :room_id, :object_key, :recording_id, :now_ms)"""
_OF_RECORDING = """SELECT object_key FROM abandoned_keys AS abandoned WHERE recording_id = :recording_id
    AND NOT EXISTS (SELECT 1 FROM recordings
        WHERE object_key = abandoned.object_key AND tenant_id = abandoned.tenant_id)"""


async def of_recording(reader: Reader, recording_id: str) -> Sequence[str]:
    """Return the keys that its tries had, but for those of which a sync has made recordings of their own."""
    return [row["object_key"] for row in await reader.all(_OF_RECORDING, recording_id=recording_id)]


async def change_key(tx: Tx, recording: Recording, object_key: str, now_ms: int) -> bool:
    """Give a reservation another key, and remember the one it had; return whether nothing has begun for it yet."""
    before = recording.object_key
    if not await tx.execute(_CHANGE_KEY, id=recording.id, before=before, object_key=object_key):
        return False
    await tx.execute(
        _ABANDON,
        tenant_id=recording.tenant_id,
        room_id=recording.room_id,
        object_key=before,
        recording_id=recording.id,
        now_ms=now_ms,
    )
    return True
