"""What lies outside of a recording's pauses."""

from collections.abc import Sequence

Pauses = Sequence[tuple[int, int | None]]
"""From when to when, one after the other, in the unit of whoever has them; the last may not be over."""


def outside(began: int, ended: int, pauses: Pauses) -> int:
    """Return how much of a stretch was not paused."""
    paused = sum(
        max(0, (ended if until is None else min(ended, until)) - max(began, since)) for since, until in pauses
    )
    return max(0, ended - began - paused)
