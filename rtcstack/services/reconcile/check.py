"""What a check of the reconciler is."""

from collections.abc import Sequence
from typing import Protocol

from rtcstack.domain.finding import Look


class Check(Protocol):
    """Holds two of the appliance's books against each other, and calls the repair for what it can."""

    @property
    def name(self) -> str: ...

    async def look(self, cursor: str) -> Look:
        """Look on from where the last look ended; most checks see all at once and take no notice of it.

        Raises:
            RtcError: it cannot look now.
        """
        ...


class Checks(Protocol):
    async def list(self) -> Sequence[Check]:
        """Return the checks that there are now: buckets come and go."""
        ...
