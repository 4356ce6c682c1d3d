"""When recordings were paused, as those who asked for it were told."""

from rtcstack.domain.pauses import Pauses
from rtcstack.ports.database import Reader, Tx

_BEGIN = """INSERT INTO recording_pauses (recording_id, began_at_ms) VALUES (:recording_id, :at_ms)
    ON CONFLICT (recording_id, began_at_ms) DO UPDATE SET ended_at_ms = NULL"""
_END = "UPDATE recording_pauses SET ended_at_ms = :at_ms WHERE recording_id = :recording_id AND ended_at_ms IS NULL"
_LIST = """SELECT began_at_ms, ended_at_ms FROM recording_pauses
    WHERE recording_id = :recording_id ORDER BY began_at_ms"""


async def begin(tx: Tx, recording_id: str, at_ms: int) -> None:
    await tx.execute(_BEGIN, recording_id=recording_id, at_ms=at_ms)


async def end(tx: Tx, recording_id: str, at_ms: int) -> None:
    """Nothing happens to one that is not paused."""
    await tx.execute(_END, recording_id=recording_id, at_ms=at_ms)


async def list_of(reader: Reader, recording_id: str) -> Pauses:
    """Return the earliest first, in milliseconds since 1970."""
    rows = await reader.all(_LIST, recording_id=recording_id)
    return [(row["began_at_ms"], row["ended_at_ms"]) for row in rows]
