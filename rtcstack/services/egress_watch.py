"""Whether an egress is alive: the Egress workers are asked what they run, again and again before one counts as gone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.errors import Upstream
from rtcstack.ports.fleet import Fleet, Running

_log = log.get(__name__)
_GONE_AFTER_MS = 25_000
"""A worker that was killed, or lost Redis, is back with its recordings sooner than that."""
_SILENT_MS = 900_000
"""A worker that hangs for so long is not waited for any more: should it have a file after all, that is taken then."""
_IN_A_ROW_MS = 150_000
"""Looks further apart than that do not make a row."""


class Presence(StrEnum):
    RUNS = "runs"
    """A live worker has it."""
    MISSING = "missing"
    """No live worker has it, but one that is just starting again may."""
    GONE = "gone"
    """No live worker has had it for a while."""
    UNKNOWN = "unknown"
    """Not all workers could be asked: a hung one may have it."""


@dataclass
class _Missed:
    since_ms: int
    last_ms: int
    absent: tuple[int, int] | None = None
    """The same two of the looks at which everybody answered; None before the first."""


class EgressWatch:
    """One a process. What it keeps are observations, not facts: a process that starts anew looks anew. Between them it counts
    the time that passes, not this machine's clock: an egress that is dead is not waited for the longer as that is set back.
    """

    def __init__(self, clock: Clock, fleet: Fleet) -> None:
        self._clock, self._fleet = clock, fleet
        self._missed: dict[str, _Missed] = {}

    async def look_for(self, egress_id: str) -> Presence:
        return (await self.look([egress_id]))[egress_id]

    async def note_stop(self, egress_id: str) -> None:
        """Let a worker that comes back with this egress find that it was stopped meanwhile; as far as LiveKit takes it."""
        try:
            await self._fleet.note_stop(egress_id)
        except Upstream as e:
            _log.warning("LiveKit does not take note of a stop", egress_id=egress_id, error=e.message)

    async def look(self, egress_ids: Collection[str]) -> Mapping[str, Presence]:
        """Ask all workers once; return how it is with each of the egresses."""
        try:
            running = await self._fleet.running_egresses()
        except Upstream as e:
            _log.info("the Egress workers cannot be asked", error=e.message)
            return dict.fromkeys(egress_ids, Presence.UNKNOWN)
        if not running.is_complete:
            _log.info("not all Egress workers answer")
        now_ms = self._clock.steady_ms()
        self._forget(running, now_ms)
        return {
            e: Presence.RUNS
            if e in running.egress_ids
            else self._miss(e, now_ms, is_complete=running.is_complete)
            for e in egress_ids
        }

    def _miss(self, egress_id: str, now_ms: int, *, is_complete: bool) -> Presence:
        missed = self._missed.setdefault(egress_id, _Missed(now_ms, now_ms))
        missed.last_ms = now_ms
        if not is_complete:
            return Presence.GONE if now_ms - missed.since_ms >= _SILENT_MS else Presence.UNKNOWN
        since_ms, last_ms = missed.absent or (now_ms, now_ms)
        if now_ms - last_ms > _IN_A_ROW_MS:
            since_ms = now_ms
        missed.absent = (since_ms, now_ms)
        return Presence.GONE if now_ms - since_ms >= _GONE_AFTER_MS else Presence.MISSING

    def _forget(self, running: Running, now_ms: int) -> None:
        self._missed = {
            egress_id: missed
            for egress_id, missed in self._missed.items()
            if egress_id not in running.egress_ids and now_ms - missed.last_ms <= _IN_A_ROW_MS
        }
