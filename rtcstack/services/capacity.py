"""Whether another recording can be begun now, how many, and if not why: `GET /v1/capacity`, and before each start."""

from dataclasses import dataclass

from rtcstack.errors import Exhausted, PartUnavailable, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet, FleetCapacity, WorkerCapacity
from rtcstack.repositories import recordings
from rtcstack.services.preflight import Preflight
from rtcstack.services.quotas import Quotas
from rtcstack.services.storage.place import Places


class FleetRoom:
    """What the Egress workers can take."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def read(self) -> FleetCapacity:
        """Raises `PartUnavailable` (part `redis`) when they cannot be asked."""
        return await self._fleet.capacity()

    async def check(self) -> None:
        """Refuse what no worker would take. One that does not say, as a stock one, is asked by LiveKit.

        Starts at the same moment may all get past this: the worker counts them, and refuses the last ones itself.

        Raises:
            Exhausted: `capacity`, with the reason.
        """
        try:
            found = await self.read()
        except PartUnavailable:
            return  # who cannot be asked refuses nothing here; the start itself meets it
        if found.workers and not found.others and not any(worker.can_record for worker in found.workers):
            raise Exhausted(_refusal(found.workers), code="capacity")


@dataclass(frozen=True)
class Answer:
    can_record: bool
    more: int | None
    """None: there are workers that do not say."""
    running: int
    """Of the tenant."""
    message: str
    workers: tuple[WorkerCapacity, ...] = ()


class Capacity:
    def __init__(
        self, db: Database, room: FleetRoom, preflight: Preflight, quotas: Quotas, places: Places
    ) -> None:
        self._db, self._room, self._preflight = db, room, preflight
        self._quotas, self._places = quotas, places

    async def read(self, tenant_id: str) -> Answer:
        """Return what the tenant could begin now: by the parts, its bucket, the workers' machines and its plan."""
        running = await recordings.count_active(self._db, tenant_id)
        try:
            found = await self._room.read()
        except PartUnavailable as e:
            return Answer(can_record=False, more=0, running=running, message=e.message)
        try:
            own = await self._places.current(self._db, tenant_id)
            await self._preflight.check(needs_shared_store=own is None)
            await self._preflight.check_worker()
            await self._quotas.check_recording(self._db, tenant_id)
        except RtcError as e:
            return Answer(False, 0, running, e.message, found.workers)
        plan = await self._quotas.plan(self._db, tenant_id)
        more = None if found.others else sum(worker.more for worker in found.workers)
        if plan.simultaneous_recordings is not None and more is not None:
            more = min(more, plan.simultaneous_recordings - running)
        return Answer(True, more, running, _words(more, found), found.workers)


def _words(more: int | None, found: FleetCapacity) -> str:
    if more is None:
        return "Another recording can be begun; not every Egress worker says how many."
    if not more:
        return next((worker.reason for worker in found.workers if worker.can_record and worker.reason), "")
    return f"{more} more {'recording' if more == 1 else 'recordings'} can be begun now."


def _refusal(workers: tuple[WorkerCapacity, ...]) -> str:
    reasons = list(dict.fromkeys(worker.reason for worker in workers if worker.reason))
    if len(workers) == 1:
        return reasons[0] if reasons else "The Egress worker takes no more recordings."
    return f"None of the {len(workers)} Egress workers takes another recording. {' '.join(reasons)}".strip()
