from dataclasses import dataclass

from rtcstack.errors import Invalid

FOR_EVER = -1
LONGEST_DAYS = 36_500


@dataclass(frozen=True)
class Tenant:
    id: str
    plan: str
    created_at_ms: int
    deleted_retention_days: int | None = None
    """How long the data of its deleted recordings is kept, `FOR_EVER` too; None is as the appliance is set."""


def check_retention(days: int | None) -> int | None:
    """Return what a tenant's retention may be. Raises `Invalid`."""
    if days is not None and days != FOR_EVER and not 0 <= days <= LONGEST_DAYS:
        raise Invalid(f"The number of days is a whole number from 0 to {LONGEST_DAYS}.", field="days")
    return days
