"""Object keys of tries to begin a recording that came to nothing: an egress that begins for one after all is stopped."""

from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Tx

_CHANGE_KEY = """UPDATE recordings SET object_key = :object_key
    WHERE id = :id AND state = 'starting' AND egress_id IS NULL AND lease_until_ms IS NULL"""
_ABANDON = """INSERT INTO abandoned_keys (tenant_id, room_id, object_key, recording_id, abandoned_at_ms)
    VALUES (:tenant_id, :room_id, :object_key, :recording_id, :now_ms)"""


async def change_key(tx: Tx, recording: Recording, object_key: str, now_ms: int) -> bool:
    """Give a reservation another key, and remember the one it had; return whether nothing has begun for it yet."""
    if not await tx.execute(_CHANGE_KEY, id=recording.id, object_key=object_key):
        return False
    await tx.execute(
        _ABANDON,
        tenant_id=recording.tenant_id,
        room_id=recording.room_id,
        object_key=recording.object_key,
        recording_id=recording.id,
        now_ms=now_ms,
    )
    return True
