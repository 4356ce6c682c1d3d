"""Asking after a part's health, again and again: whether it is well, what is wrong, whether it hangs.

A part that answers with an error is alive, and one that answers late is busy: only one from which nothing at all came
for a whole while hangs, and is started anew. Nobody is blamed for what a part has that it needs.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.appliance.parts.part import Check, Part, Unhealthy

MISSES = 2
"""So many failed checks in a row make a part unhealthy: one may fall to a busy machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How a part is watched; tests of the supervisor shorten them."""

    check_every_s: float = 2.0
    check_s: float = 2.0
    patient_check_s: float = 10.0
    """How long an answer is waited for from a part that seems to be silent: slow is not hung."""
    hung_after_s: float = 60.0
    start_s: float = 30.0
    deaths: int = 5
    within_s: float = 60.0
    short_life_s: float = 5.0
    """Who lives longer is started again at once, who dies sooner after a pause, which doubles each time."""
    first_pause_s: float = 0.25
    longest_pause_s: float = 10.0
    again_s: float = 60.0
    """After so long one that was given up is tried again: what killed it may be over."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    text: str
    is_silence: bool = False


async def _complaint(check: Check, within_s: float) -> _Complaint | None:
    """Return what is wrong with a part; None when the check passes."""
    try:
        async with asyncio.timeout(within_s):
            await check()
    except TimeoutError:
        return _Complaint("it does not answer", is_silence=True)
    except Unhealthy as e:
        return _Complaint(str(e))
    return None


class Health:
    """Of one process of a part; `needs` are the parts without which it can do nothing."""

    def __init__(self, part: Part, needs: Sequence[Part], limits: Limits) -> None:
        self._part, self._needs, self._limits = part, needs, limits
        self._silent_s, self._silences = 0.0, 0

    @property
    def is_hung(self) -> bool:
        return self._silent_s >= self._limits.hung_after_s

    async def ask(self) -> str:
        """Return what is wrong with the part; empty when it is well."""
        is_patient = self._silences >= MISSES
        within_s = self._limits.patient_check_s if is_patient else self._limits.check_s
        found = await _complaint(self._part.check, within_s)
        fault = await self.fault_of_needed() if found else ""
        if found and found.is_silence and not fault:
            # Counted in checks, not by the clock: it may have been the supervisor that stood still.
            self._silences += 1
            self._silent_s += within_s + self._limits.check_every_s
        else:
            self._silences, self._silent_s = 0, 0.0
        return fault or (found.text if found else "")

    async def fault_of_needed(self) -> str:
        """Return what is wrong with a part that this one needs; empty when they are well."""
        for needed in self._needs:
            if found := await _complaint(needed.check, self._limits.check_s):
                return f"it needs {needed.name}, which is unwell: {found.text}"
        return ""
