"""Work on many halls at once: one piece a hall, a bounded number in all; a hall that gives trouble rests for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.room import Room

_log = log.get(__name__)
_AT_ONCE = 16
_QUICK_S = 0.5
"""How long a round waits for its work: what takes longer goes on beside the next rounds."""
_FIRST_REST_MS = 2_000
_LONGEST_REST_MS = 30_000

Key = tuple[str, str]


class Outcome(Enum):
    """What became of a piece of work."""

    DONE = auto()
    NOT_NOW = auto()
    """It does not rest, but the other halls come first."""
    TROUBLE = auto()
    """It rests, longer each time."""


class HallRounds:
    """Of the halls whose turn it is those come first that had it longest ago: no number of others keeps one from it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._rests: dict[Key, tuple[int, int]] = {}
        """Until when, and how long."""

    @property
    def not_now(self) -> int:
        """How many halls a round would pass over or put behind the others: so many more have to be looked up."""
        return len(self._running) + len(self._rests)

    async def round(self, halls: Sequence[Room], work: Callable[[Room], Awaitable[Outcome]]) -> None:
        """Begin the work on those halls whose turn it is, and wait for what is quick."""
        self._wake()
        begun = []
        for hall in sorted(halls, key=self._rested_ms):
            key = (hall.tenant_id, hall.id)
            if len(self._running) < _AT_ONCE and key not in self._running and not self._is_resting(key):
                begun.append(asyncio.create_task(self._do(key, hall, work)))
                self._running[key] = begun[-1]
        if begun:
            await asyncio.wait(begun, timeout=_QUICK_S)

    async def drain(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running.values())

    async def _do(self, key: Key, hall: Room, work: Callable[[Room], Awaitable[Outcome]]) -> None:
        outcome = Outcome.TROUBLE
        try:
            outcome = await work(hall)
        except Exception:  # noqa: BLE001  # nobody awaits this task who could be told
            _log.exception("work on a hall ran into the unexpected", room_id=hall.id)
        finally:
            del self._running[key]
            if outcome is Outcome.DONE:
                self._rests.pop(key, None)
            else:
                self._rest(key, is_trouble=outcome is Outcome.TROUBLE)

    def _rest(self, key: Key, *, is_trouble: bool) -> None:
        _until_ms, last_ms = self._rests.get(key, (0, 0))
        rest_ms = (min(2 * last_ms, _LONGEST_REST_MS) or _FIRST_REST_MS) if is_trouble else 0
        self._rests[key] = (self._clock.now_ms() + rest_ms, rest_ms)

    def _is_resting(self, key: Key) -> bool:
        return key in self._rests and self._rests[key][0] > self._clock.now_ms()

    def _rested_ms(self, hall: Room) -> int:
        """Return when its last rest was over, 0 for one that has not rested for long: those are first."""
        return self._rests.get((hall.tenant_id, hall.id), (0, 0))[0]

    def _wake(self) -> None:
        """Forget halls that gave no trouble for long."""
        long_ago_ms = self._clock.now_ms() - 2 * _LONGEST_REST_MS
        self._rests = {key: rest for key, rest in self._rests.items() if rest[0] > long_ago_ms}
