"""What LiveKit told us, kept as it came."""

from dataclasses import dataclass

from rtcstack.ports.database import Reader, Row, Tx

_ADD = """INSERT INTO inbox (fingerprint, event, body, received_at_ms, due_at_ms)
    VALUES (:fingerprint, :event, :body, :now_ms, :now_ms) ON CONFLICT (fingerprint) DO NOTHING"""
_NEXT = """SELECT seq, event, body, attempts FROM inbox WHERE processed_at_ms IS NULL AND due_at_ms <= :now_ms
    ORDER BY seq LIMIT 1"""
_DONE = (
    "UPDATE inbox SET processed_at_ms = :now_ms, error = NULL WHERE seq = :seq AND processed_at_ms IS NULL"
)
_RETRY = "UPDATE inbox SET attempts = attempts + 1, due_at_ms = :due_at_ms, error = :error WHERE seq = :seq"


@dataclass(frozen=True)
class Arrival:
    seq: int
    event: str
    body: str
    attempts: int


def _arrival(row: Row) -> Arrival:
    return Arrival(**dict(row))


async def add(tx: Tx, fingerprint: str, event: str, body: str, now_ms: int) -> bool:
    """Return whether it is news; what says the same was stored before."""
    return await tx.execute(_ADD, fingerprint=fingerprint, event=event, body=body, now_ms=now_ms) > 0


async def find_next(reader: Reader, now_ms: int) -> Arrival | None:
    row = await reader.find(_NEXT, now_ms=now_ms)
    return _arrival(row) if row else None


async def done(tx: Tx, seq: int, now_ms: int) -> bool:
    """Return whether it was still open: of two processes one wins."""
    return await tx.execute(_DONE, seq=seq, now_ms=now_ms) > 0


async def retry(tx: Tx, seq: int, due_at_ms: int, error: str) -> None:
    await tx.execute(_RETRY, seq=seq, due_at_ms=due_at_ms, error=error)
