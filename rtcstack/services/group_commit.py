"""Many small writes that come at once share one transaction, and so one wait for the disk."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from rtcstack.ports.database import Database, Tx

T = TypeVar("T")
R = TypeVar("R")
_MOST = 128
"""So many share a transaction at most: others want to write as well."""


class GroupCommit(Generic[T, R]):
    """While one transaction is on its way to the disk the next one's writes gather: nobody waits for company.

    `write` does them all and returns a result for each, in their order.
    """

    def __init__(
        self,
        db: Database,
        write: Callable[[Tx, Sequence[T]], Awaitable[Sequence[R]]],
        *,
        most: int = _MOST,
    ) -> None:
        self._db, self._write, self._most = db, write, most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def add(self, item: T) -> R:
        """Return what came of it once it is committed; raises what kept the whole group from being committed."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all(), name="group commit")
        return await done

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                taken = min(len(self._waiting), self._most)
                await self._commit([self._waiting.popleft() for _ in range(taken)])
        finally:
            self._committing = None

    async def _commit(self, group: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            async with self._db.transaction() as tx:
                results = await self._write(tx, [item for item, _ in group])
        except Exception as e:  # noqa: BLE001  # each of those who wait is told, and decides
            for _, done in group:
                if not done.done():
                    done.set_exception(e)
            return
        for (_, done), result in zip(group, results, strict=True):
            if not done.done():  # whoever asked may have gone
                done.set_result(result)
