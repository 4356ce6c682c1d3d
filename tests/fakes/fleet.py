from dataclasses import replace

from rtcstack.domain.egress import EgressEnd, EgressStatus
from rtcstack.errors import PartUnavailable
from rtcstack.ports.fleet import FleetCapacity, FleetFigures, Heard, Running, WorkerCapacity, WorkerFigures
from tests.fakes.livekit import FakeLiveKit


class FakeFleet:
    """Egress workers that answer as long as `has_workers`; they run what the fake LiveKit has begun."""

    def __init__(self) -> None:
        self.has_workers = True
        self.is_hung = False
        """Whether one of the workers does not answer."""
        self.livekit = FakeLiveKit()
        self.lost: set[str] = set()
        """Egresses whose worker is gone; LiveKit does not notice."""

        self.is_stock = False
        """Whether the workers are LiveKit's own, which cannot pause."""
        self.paused: set[str] = set()
        """Egresses that are paused."""
        self.stops_noted: list[str] = []
        """Stops that LiveKit's books were told of."""

    def lose(self, *egress_ids: str) -> None:
        """Have nobody answer for these egresses any more."""
        self.lost.update(egress_ids)
        self.livekit.silent.update(egress_ids)

    worker = WorkerCapacity(
        running=0,
        more=6,
        can_record=True,
        reason="",
        cores=2.0,
        cores_needed=0.0,
        cores_other=0.0,
        memory_bytes=1 << 30,
        disk_bytes=1 << 34,
    )
    """What the one worker says of itself."""

    async def ping_bus(self) -> None:
        return

    async def ping_workers(self) -> None:
        if not self.has_workers:
            raise PartUnavailable("No Egress worker answers.", part="egress")

    async def running_egresses(self) -> Running:
        if self.is_hung:
            return Running(frozenset(), is_complete=False)
        begun = (e.egress_id for e in self.livekit.egresses.values() if not e.is_ended)
        ids = frozenset(begun) - self.lost if self.has_workers else frozenset()
        return Running(ids)

    async def set_paused(self, egress_id: str, *, is_paused: bool) -> Heard:
        if self.is_hung:
            raise PartUnavailable("The Egress worker does not answer.", part="egress")
        found = self.livekit.egresses.get(egress_id)
        if self.is_stock or not self.has_workers or found is None or egress_id in self.lost:
            return Heard.BY_NOBODY
        if found.is_ended or found.status is EgressStatus.ENDING:
            return Heard.REFUSED
        (self.paused.add if is_paused else self.paused.discard)(egress_id)
        return Heard.TAKEN

    async def capacity(self) -> FleetCapacity:
        found = (self.worker,) if self.has_workers and not self.is_stock else ()
        return FleetCapacity(found, others=int(self.is_stock))

    async def figures(self) -> FleetFigures:
        told = WorkerFigures("fake:/spool", {"egress_recordings": 0.0, "egress_ended": {"complete": 1.0}})
        return FleetFigures(
            (told,) if self.has_workers and not self.is_stock else (), others=int(self.is_stock)
        )

    async def note_stop(self, egress_id: str) -> None:
        self.stops_noted.append(egress_id)

    async def end_egress(self, egress_id: str, end: EgressEnd) -> bool:
        found = self.livekit.egresses.get(egress_id)
        if found is None or found.is_ended:
            return False
        status = EgressStatus.COMPLETE if end.has_file else EgressStatus.FAILED
        self.livekit.egresses[egress_id] = replace(found, status=status, ended_at_ms=end.ended_at_ms)
        return True
