from rtcstack.errors import PartUnavailable


class FakeFleet:
    """Egress workers that answer as long as `has_workers`."""

    def __init__(self) -> None:
        self.has_workers = True

    async def ping_bus(self) -> None:
        return

    async def ping_workers(self) -> None:
        if not self.has_workers:
            raise PartUnavailable("No Egress worker answers.", part="egress")
