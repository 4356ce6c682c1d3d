"""How far a cut is: written about once a second while it runs; one whose clip was deleted is ended."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.repositories import clips

_T = TypeVar("_T")
_EVERY_S = 1.0


class ClipDeleted(RtcError):
    """Nobody wants the clip any more."""

    code = "clip_deleted"


class Progress:
    """Call it with a number from 0 to 1."""

    def __init__(self, db: Database, clip_id: str) -> None:
        self._db, self._clip_id, self._now = db, clip_id, 0.0

    def __call__(self, progress: float) -> None:
        self._now = min(max(progress, 0.0), 1.0)

    async def follow(self, work: Awaitable[_T]) -> _T:
        """Return what the work returns.

        Raises:
            ClipDeleted: the clip was deleted meanwhile; the work is cancelled.
        """
        working, noting = asyncio.ensure_future(work), asyncio.create_task(self._note())
        try:
            await asyncio.wait({working, noting}, return_when=asyncio.FIRST_COMPLETED)
            if noting.done() and not working.done():
                noting.result()
            return await working
        finally:
            for task in (working, noting):
                task.cancel()
            await asyncio.gather(working, noting, return_exceptions=True)

    async def _note(self) -> None:
        """Raises `ClipDeleted`, and whatever the database says: then the work is given up as well."""
        while True:
            async with self._db.transaction() as tx:
                if not await clips.note_progress(tx, self._clip_id, self._now):
                    raise ClipDeleted("The clip was deleted.")
            await asyncio.sleep(_EVERY_S)
