"""How the appliance itself is: whether the database takes writes, and what waits in its queues."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rtcstack.clock import Clock
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartUnavailable, RtcError
from rtcstack.ports.database import Database, Row
from rtcstack.repositories import dashboard, measures

_WRITE_S = 2.5
_JOB_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Queue:
    """`waiting` counts what is `running` as well. `oldest_s` is since when the oldest waits, or has been due; 0 if none is.

    It is behind when that is longer than usual.
    """

    name: str
    waiting: int
    oldest_s: float
    patience_s: float
    running: int = 0

    @property
    def is_behind(self) -> bool:
        return self.waiting > 0 and self.oldest_s > self.patience_s


@dataclass(frozen=True)
class Queues:
    """Of all tenants. `endpoints` counts webhook endpoints by how they are: `ok`, `failing`, `paused`, `disabled`.

    `disagreements` are what the reconciler has found and not mended yet; `checks_failing` could not look.
    """

    queues: tuple[Queue, ...]
    uploads_waiting: int
    endpoints: Mapping[str, int]
    disagreements: int
    checks_failing: int


@dataclass(frozen=True)
class DatabaseHealth:
    """`failure` says why it takes no writes. `backup_at_ms` is when the last backup was made that this folder knows of."""

    failure: RtcError | None
    size_bytes: int
    wal_bytes: int
    backup_at_ms: int | None


class Health:
    """`database` is the file, `backup_note` the one that every backup leaves behind."""

    def __init__(self, db: Database, clock: Clock, *, database: Path, backup_note: Path) -> None:
        self._db, self._clock = db, clock
        self._database, self._backup_note = database, backup_note

    async def database(self) -> DatabaseHealth:
        """Write a row that stands for nothing else, and look at the files."""
        failure = await self._write_failure()
        size_bytes, wal_bytes = _size(self._database), _size(Path(f"{self._database}-wal"))
        return DatabaseHealth(failure, size_bytes, wal_bytes, _backup_at_ms(self._backup_note))

    async def _write_failure(self) -> RtcError | None:
        try:
            async with asyncio.timeout(_WRITE_S), self._db.transaction() as tx:
                await dashboard.check_write(tx, self._clock.now_ms())
        except TimeoutError:
            return PartUnavailable(f"It took no write within {_WRITE_S:g} s.", part="database")
        except RtcError as e:
            return e
        return None

    async def queues(self) -> Queues:
        now_ms = self._clock.now_ms()
        row, totals = await measures.now(self._db), await measures.totals(self._db)
        jobs = await measures.jobs(self._db, now_ms)
        findings = await measures.findings(self._db)
        return Queues(
            (*_queues(row, totals, now_ms), *(_of_jobs(job, now_ms) for job in jobs)),
            int(row["uploads_waiting"]),
            await measures.endpoints(self._db),
            sum(findings.values()),
            int(row["checks_failing"]),
        )


def _queues(row: Row, totals: Mapping[str, int], now_ms: int) -> Iterator[Queue]:
    given = (
        ("inbox", row["inbox_waiting"], "inbox_at_ms", 30.0),
        ("deliveries", row["deliveries_pending"], "delivery_due_at_ms", 60.0),
        ("queued", totals.get(RecordingState.QUEUED, 0), "queued_at_ms", 60.0),
        ("processing", totals.get(RecordingState.PROCESSING, 0), "processing_at_ms", 600.0),
    )
    for name, waiting, since, patience_s in given:
        yield Queue(name, waiting, _age_s(row[since], now_ms), patience_s)


def _of_jobs(row: Row, now_ms: int) -> Queue:
    oldest_s = _age_s(row["due_at_ms"], now_ms)
    return Queue(str(row["kind"]), row["n"], oldest_s, _JOB_PATIENCE_S, running=row["running"])


def _age_s(at_ms: int | None, now_ms: int) -> float:
    return 0.0 if at_ms is None else max(0.0, (now_ms - at_ms) / 1000)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _backup_at_ms(note: Path) -> int | None:
    try:
        return int(json.loads(note.read_text(encoding="utf-8"))["created_at_ms"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
