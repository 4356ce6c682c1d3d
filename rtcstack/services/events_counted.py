"""Counters of what happened, read from the outbox: an event is there exactly when what it tells of was committed."""

import json

from rtcstack.domain.webhook import EventName
from rtcstack.metrics import counted
from rtcstack.ports.database import Database
from rtcstack.repositories import measures
from rtcstack.repositories.measures import Told

_PAGE = 1000
_OUTCOMES: dict[str, str] = {EventName.RECORDING_COMPLETE: "complete", EventName.RECORDING_FAILED: "failed"}


class EventsCounted:
    """Counts from the first call on: `open` is the first one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: int | None = None

    async def open(self) -> None:
        """Begin to count with the next event."""
        self._seen = await measures.last_event(self._db)

    async def catch_up(self) -> None:
        """Count the events that have come since the last call."""
        if self._seen is None:
            await self.open()
            return
        while told := await measures.events_after(self._db, self._seen, _PAGE):
            if told[-1].seq <= self._seen:  # another scrape was faster
                return
            new = [one for one in told if one.seq > self._seen]
            self._seen = told[-1].seq
            for one in new:
                await self._count(one)

    async def _count(self, told: Told) -> None:
        counted.EVENTS.labels(told.event).inc()
        if told.event == EventName.RECORDING_STARTED:
            counted.RECORDINGS_STARTED.inc()
        elif outcome := _OUTCOMES.get(told.event):
            counted.RECORDINGS_ENDED.labels(outcome).inc()
        if told.event == EventName.RECORDING_FAILED:
            recording_id = json.loads(told.body)["data"]["recording_id"]
            counted.RECORDINGS_FAILED.labels(await measures.reason_of(self._db, recording_id)).inc()
