"""What a tenant's plan allows (`config/plans.toml`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from rtcstack.errors import Conflict, Invalid
from rtcstack.plural import counted

SELF_HOSTED = "self-hosted"


@dataclass(frozen=True)
class Plan:
    """None means without limit."""

    name: str
    max_participants: int | None
    simultaneous_recordings: int | None
    stored_bytes: int | None
    moderation: bool

    def cap_participants(self, asked: int | None) -> int | None:
        """Return how many a room may have for which `asked` were asked, None for as many as come."""
        limits = [limit for limit in (asked, self.max_participants) if limit is not None]
        return min(limits, default=None)

    def check_recording(self, *, running: int, stored_bytes: int) -> None:
        """Raises `Conflict` (`quota_reached`) if another recording would be one too many."""
        if self.simultaneous_recordings is not None and running >= self.simultaneous_recordings:
            raise Conflict(
                f"The plan {self.name} allows {counted(self.simultaneous_recordings, 'recording')} at a time; stop one first.",
                code="quota_reached",
                quota="simultaneous_recordings",
                limit=self.simultaneous_recordings,
            )
        self.check_stored(stored_bytes)

    def check_stored(self, stored_bytes: int) -> None:
        """Raises `Conflict` (`quota_reached`) if there is no room for more."""
        if self.stored_bytes is not None and stored_bytes >= self.stored_bytes:
            raise Conflict(
                f"The plan {self.name} allows {self.stored_bytes} bytes of recordings, and there are {stored_bytes}; "
                "deleted ones count until their data is purged.",
                code="quota_reached",
                quota="stored_bytes",
                limit=self.stored_bytes,
            )


class Plans:
    """All plans, lowest first."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = dict(plans)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._plans)

    def get(self, name: str) -> Plan:
        """Raises `Invalid` (`unknown_plan`)."""
        if name not in self._plans:
            raise Invalid(
                f"There is no plan {name!r}; there are {', '.join(self._plans)}.",
                code="unknown_plan",
                field="plan",
            )
        return self._plans[name]

    def lowest_with_moderation(self) -> str | None:
        return next((plan.name for plan in self._plans.values() if plan.moderation), None)
