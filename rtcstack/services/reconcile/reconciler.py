"""At boot and every minute: hold database, LiveKit, workers, buckets and spool against each other, and mend what can be.

Each check is a task of its own with a limit: a bucket that is slow or away keeps no other check waiting. Of several
processes one has a check's turn, by a lease in the database.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import Action, AuditEntry, AuditFilter
from rtcstack.domain.finding import CheckState, Look, OpenFinding
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import audit, reconcile
from rtcstack.services.reconcile.check import Check, Checks

_log = log.get(__name__)
_INTERVAL_MS = 60_000
_LIMIT_S = 50.0
_LEASE_MS = 60_000
_QUICK_S = 1.0
"""So long a round waits for its checks; what takes longer goes on beside the next ones."""
_TURN_POLL_S = 0.2
_SHOWN = 1000
_SHOWN_REPAIRS = 100
_RECENT_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Report:
    """`findings` are the oldest 1000 of `open_count`; `repairs` are those of the last day, at most 100, the newest first."""

    checks: Sequence[CheckState]
    findings: Sequence[OpenFinding]
    repairs: Sequence[AuditEntry]
    open_count: int

    @property
    def agrees(self) -> bool:
        """Whether every check was done, and found nothing that is still open."""
        return not self.open_count and not any(
            check.error or check.ended_at_ms is None for check in self.checks
        )


class Reconciler:
    def __init__(self, db: Database, clock: Clock, checks: Checks, *, limit_s: float = _LIMIT_S) -> None:
        self._db, self._clock, self._checks, self._limit_s = db, clock, checks, limit_s
        self._running: dict[str, asyncio.Task[None]] = {}
        self._looked: set[str] = set()
        """Those that this process has begun once: at boot each has its turn, due or not."""

    async def run_once(self) -> bool:
        """Begin the checks that are due. The answer is False always: nothing is to be done again at once."""
        begun = [self._begin(check, is_asked=False) for check in await self._list()]
        tasks = [task for task in begun if task]
        if tasks:
            await asyncio.wait(tasks, timeout=_QUICK_S)
        return False

    async def run_now(self, patience_s: float) -> Report:
        """Have every check look now, and return the report once they have, or after `patience_s`: then it tells which are
        still at it.
        """
        checks = await self._list()
        await asyncio.wait([asyncio.create_task(self._look_anew(c)) for c in checks], timeout=patience_s)
        return await self.report()

    async def report(self) -> Report:
        now_ms = self._clock.now_ms()
        which = AuditFilter(action=Action.RECONCILE_REPAIR, since_ms=now_ms - _RECENT_MS)
        return Report(
            checks=await reconcile.checks(self._db, now_ms),
            findings=await reconcile.list_open(self._db, _SHOWN),
            repairs=await audit.page(self._db, which, before=None, limit=_SHOWN_REPAIRS),
            open_count=await reconcile.count_open(self._db),
        )

    async def drain(self) -> None:
        """End what is under way: each look may be cut off anywhere, and the next one begins it anew."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _list(self) -> Sequence[Check]:
        """Return the checks there are; what is left of others is forgotten."""
        checks = await self._checks.list()
        known = {state.name for state in await reconcile.checks(self._db, 0)}
        for name in known - {check.name for check in checks}:
            async with self._db.transaction() as tx:
                await reconcile.forget(tx, name)
        return checks

    def _begin(self, check: Check, *, is_asked: bool) -> asyncio.Task[None] | None:
        """None if it is at it."""
        if check.name in self._running:
            return None
        task = asyncio.create_task(self._take_turn(check, is_asked=is_asked), name=f"reconcile:{check.name}")
        self._running[check.name] = task
        task.add_done_callback(lambda _: self._running.pop(check.name, None))
        return task

    async def _look_anew(self, check: Check) -> None:
        """What is under way may have looked before that which is asked for happened: it is waited for, and another begun."""
        while (running := self._running.get(check.name)) is not None:
            await asyncio.wait([running])
        if (task := self._begin(check, is_asked=True)) is not None:
            await asyncio.wait([task])

    async def _take_turn(self, check: Check, *, is_asked: bool) -> None:
        is_first = check.name not in self._looked
        while (taken := await self._claim(check.name, is_asked=is_asked or is_first)) is None:
            if not is_asked:
                return
            await asyncio.sleep(_TURN_POLL_S)  # another process is at it
        self._looked.add(check.name)
        fence, cursor = taken
        try:
            async with asyncio.timeout(self._limit_s):
                look = await check.look(cursor)
        except asyncio.CancelledError:
            await asyncio.shield(self._release(check.name, fence))
            raise
        except Exception as e:  # noqa: BLE001  # the other checks go on whatever one runs into
            await self._failed(check.name, fence, e, is_asked=is_asked)
        else:
            await self._done(check.name, fence, look, is_asked=is_asked)

    async def _claim(self, name: str, *, is_asked: bool) -> tuple[int, str] | None:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            return await reconcile.claim(tx, name, now_ms, now_ms + _LEASE_MS, is_asked=is_asked)

    async def _release(self, name: str, fence: int) -> None:
        async with self._db.transaction() as tx:
            await reconcile.release(tx, name, fence)

    async def _done(self, name: str, fence: int, look: Look, *, is_asked: bool) -> None:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await reconcile.end(tx, name, fence, look, now_ms, _due_at_ms(now_ms, is_asked=is_asked))

    async def _failed(self, name: str, fence: int, error: Exception, *, is_asked: bool) -> None:
        if isinstance(error, RtcError):
            text = error.message
        elif isinstance(error, TimeoutError):
            text = f"It took longer than {self._limit_s:g} s."
        else:
            _log.error("a check ran into the unexpected", check=name, exc_info=error)
            text = f"Something went wrong here: {type(error).__name__}."
        _log.warning("a check could not be done", check=name, error=text)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await reconcile.fail(tx, name, fence, text, now_ms, _due_at_ms(now_ms, is_asked=is_asked))


def _due_at_ms(now_ms: int, *, is_asked: bool) -> int | None:
    """Whoever asks takes nobody's turn away: what a process has observed counts from one of its own looks to the next."""
    return None if is_asked else now_ms + _INTERVAL_MS
