"""What `/metrics` reads at each scrape: database, parts, workers and disks, all at once."""

import asyncio
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from rtcstack import __version__
from rtcstack.clock import Clock
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartUnavailable
from rtcstack.metrics.scraped import FIGURES, Reading
from rtcstack.ports.database import Database, Row
from rtcstack.ports.fleet import Fleet, FleetFigures
from rtcstack.repositories import measures
from rtcstack.services.events_counted import EventsCounted
from rtcstack.services.preflight import Preflight

_SINCE: Mapping[str, str] = {
    "recordings_queue_oldest_seconds": "queued_at_ms",
    "recordings_processing_oldest_seconds": "processing_at_ms",
    "inbox_oldest_seconds": "inbox_at_ms",
    "webhook_delivery_oldest_due_seconds": "delivery_due_at_ms",
    "reconcile_oldest_look_seconds": "looked_at_ms",
}
_COUNTS: Mapping[str, str] = {
    "uploads_waiting": "uploads_waiting",
    "participants": "participants",
    "rooms_occupied": "rooms_occupied",
    "inbox_waiting": "inbox_waiting",
    "webhook_deliveries_pending": "deliveries_pending",
    "reconcile_checks_failing": "checks_failing",
}
_ENDPOINT_STATES = ("ok", "failing", "paused", "disabled")


@dataclass(frozen=True)
class WritesTo:
    """Where the API writes: folders by what they are called, and the database's file."""

    folders: Mapping[str, Path]
    database: Path


class Measures:
    """`events` keeps the counters of events up to date."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        fleet: Fleet,
        preflight: Preflight,
        writes_to: WritesTo,
        events: EventsCounted,
    ) -> None:
        self._db, self._clock, self._fleet, self._preflight = db, clock, fleet, preflight
        self._writes_to, self._events = writes_to, events

    async def open(self) -> None:
        """Begin to count what happens from now on."""
        await self._events.open()

    async def read(self) -> Sequence[Reading]:
        began_s = time.perf_counter()
        parts, workers, tables, _ = await asyncio.gather(
            self._preflight.report(), self._workers(), self._tables(), self._events.catch_up()
        )
        up = [Reading("part_up", failure is None, (part,)) for part, failure in parts.items()]
        versions = (__version__, platform.python_version())
        return [
            Reading("build_info", 1, versions),
            *up,
            *tables,
            *_files(self._writes_to),
            *_of_fleet(workers),
            Reading("scrape_duration_seconds", time.perf_counter() - began_s),
        ]

    async def _workers(self) -> FleetFigures:
        try:
            return await self._fleet.figures()
        except PartUnavailable:
            return FleetFigures(())

    async def _tables(self) -> Sequence[Reading]:
        now_ms = self._clock.now_ms()
        totals = await measures.totals(self._db)
        states = [Reading("recordings", totals.get(state, 0), (state,)) for state in RecordingState]
        stored = Reading("stored_bytes", await measures.stored_bytes(self._db))
        endpoints = await measures.endpoints(self._db)
        findings = await measures.findings(self._db)
        return [
            *states,
            stored,
            *_waiting(await measures.now(self._db), now_ms),
            *(Reading("webhook_endpoints", endpoints.get(state, 0), (state,)) for state in _ENDPOINT_STATES),
            *(found for row in await measures.jobs(self._db, now_ms) for found in _of_jobs(row, now_ms)),
            *(Reading("reconcile_findings", n, (kind,)) for kind, n in findings.items()),
        ]


def _waiting(row: Row, now_ms: int) -> Iterator[Reading]:
    yield from (Reading(name, row[column]) for name, column in _COUNTS.items())
    yield from (Reading(name, _age_s(row[column], now_ms)) for name, column in _SINCE.items())


def _age_s(at_ms: int | None, now_ms: int) -> float:
    """Return how long ago that was; 0 where nothing waits, and for what is due in time to come."""
    return 0.0 if at_ms is None else max(0.0, (now_ms - at_ms) / 1000)


def _of_jobs(row: Row, now_ms: int) -> Iterator[Reading]:
    kind = str(row["kind"])
    yield Reading("jobs", row["running"], (kind, "running"))
    yield Reading("jobs", row["n"] - row["running"], (kind, "waiting"))
    yield Reading("job_oldest_due_seconds", _age_s(row["due_at_ms"], now_ms), (kind,))


def _files(writes_to: WritesTo) -> Iterator[Reading]:
    for what, file in (("main", writes_to.database), ("wal", Path(f"{writes_to.database}-wal"))):
        if file.exists():
            yield Reading("database_size_bytes", file.stat().st_size, (what,))
    for name, folder in writes_to.folders.items():
        if folder.exists():
            usage = disk_usage(folder)
            yield Reading("disk_free_bytes", usage.free, (name,))
            yield Reading("disk_size_bytes", usage.total, (name,))


def _of_fleet(found: FleetFigures) -> Iterator[Reading]:
    yield Reading("egress_workers", len(found.workers), ("builtin",))
    yield Reading("egress_workers", found.others, ("other",))
    for told in found.workers:
        for name, figure in told.figures.items():
            if name not in FIGURES:
                continue  # of a worker of another version
            if isinstance(figure, Mapping):
                yield from (Reading(name, value, (told.worker, label)) for label, value in figure.items())
            else:
                yield Reading(name, figure, (told.worker,))
