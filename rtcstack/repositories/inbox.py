"""What LiveKit told us, kept as it came."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories.rows import values

_ADD = """INSERT INTO inbox (fingerprint, event, body, received_at_ms, due_at_ms) VALUES {}
    ON CONFLICT (fingerprint) DO NOTHING RETURNING fingerprint"""
_KEEP = """INSERT INTO inbox (fingerprint, event, body, received_at_ms, due_at_ms, processed_at_ms, error)
    VALUES (:fingerprint, :event, :body, :received_at_ms, :received_at_ms, :received_at_ms, :error)
    ON CONFLICT (fingerprint) DO NOTHING"""
_DUE = """SELECT seq, event, body, attempts FROM inbox WHERE processed_at_ms IS NULL AND due_at_ms <= :now_ms
    ORDER BY seq LIMIT :limit"""
_DONE = """UPDATE inbox SET processed_at_ms = :now_ms, error = NULL WHERE seq IN ({}) AND processed_at_ms IS NULL
    RETURNING seq"""
_RETRY = "UPDATE inbox SET attempts = attempts + 1, due_at_ms = :due_at_ms, error = :error WHERE seq = :seq"
_PURGE = """DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE processed_at_ms < :before_ms
    ORDER BY processed_at_ms LIMIT :limit)"""


@dataclass(frozen=True)
class News:
    """An event as it came; `fingerprint` is what it says."""

    fingerprint: str
    event: str
    body: str
    received_at_ms: int


@dataclass(frozen=True)
class Arrival:
    seq: int
    event: str
    body: str
    attempts: int


async def add_all(tx: Tx, arrived: Sequence[News]) -> Sequence[bool]:
    """Return of each whether it is news; what says the same was stored before, or stands before it here."""
    text, given = values(
        [(n.fingerprint, n.event, n.body, n.received_at_ms, n.received_at_ms) for n in arrived]
    )
    added = {row["fingerprint"] for row in await tx.all(_ADD.format(text), **given)}
    news = []
    for one in arrived:
        news.append(one.fingerprint in added)
        added.discard(one.fingerprint)
    return news


async def keep(tx: Tx, what: News, error: str) -> None:
    """Keep, for as long as applied events are, what nobody can apply, and why."""
    await tx.execute(
        _KEEP,
        fingerprint=what.fingerprint,
        event=what.event,
        body=what.body,
        received_at_ms=what.received_at_ms,
        error=error,
    )


async def list_due(reader: Reader, now_ms: int, limit: int) -> Sequence[Arrival]:
    """Return the oldest that are due, in the order in which they came."""
    return [Arrival(**dict(row)) for row in await reader.all(_DUE, now_ms=now_ms, limit=limit)]


async def done_all(tx: Tx, seqs: Sequence[int], now_ms: int) -> Collection[int]:
    """Return those that were still open: of two processes one wins."""
    names = {f"seq_{n}": seq for n, seq in enumerate(seqs)}
    rows = await tx.all(_DONE.format(", ".join(f":{name}" for name in names)), now_ms=now_ms, **names)
    return {row["seq"] for row in rows}


async def retry(tx: Tx, seq: int, due_at_ms: int, error: str) -> None:
    await tx.execute(_RETRY, seq=seq, due_at_ms=due_at_ms, error=error)


async def purge(tx: Tx, before_ms: int, limit: int) -> int:
    """Forget what was applied before an instant; return how much."""
    return await tx.execute(_PURGE, before_ms=before_ms, limit=limit)
