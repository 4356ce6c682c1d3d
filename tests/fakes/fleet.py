from rtcstack.errors import PartUnavailable
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

    def lose(self, *egress_ids: str) -> None:
        """Have nobody answer for these egresses any more."""
        self.lost.update(egress_ids)
        self.livekit.silent.update(egress_ids)

    async def ping_bus(self) -> None:
        return

    async def ping_workers(self) -> None:
        if not self.has_workers:
            raise PartUnavailable("No Egress worker answers.", part="egress")

    async def running_egress_ids(self) -> frozenset[str]:
        if self.is_hung:
            raise PartUnavailable("0 of 1 Egress workers have answered.", part="egress")
        begun = (e.egress_id for e in self.livekit.egresses.values() if not e.is_ended)
        return frozenset(begun) - self.lost if self.has_workers else frozenset()
