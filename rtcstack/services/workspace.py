"""Temporary files of jobs: a folder for each, which no crash leaves behind for good."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rtcstack.domain.job import Job
from rtcstack.errors import DiskFull

_STALE_S = 24 * 3600
_FULL = frozenset({28, 122})
"""ENOSPC, EDQUOT."""


class Workspace:
    def __init__(self, root: Path) -> None:
        self._root = root

    @asynccontextmanager
    async def folder(self, job: Job) -> AsyncIterator[Path]:
        """Give the job an empty folder while the block runs. What earlier claims of it left is removed first.

        Raises:
            DiskFull: there is no room for it.
        """
        path = self._root / f"{job.id}-{job.fence}"
        await asyncio.to_thread(self._prepare, job, path)
        try:
            yield path
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, path, ignore_errors=True))

    def _prepare(self, job: Job, path: Path) -> None:
        """Whatever nobody has touched for a day belongs to a job that was ended while its process was gone."""
        stale_before = time.time() - _STALE_S
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in self._root.iterdir():
                if left.name.startswith(f"{job.id}-") or left.stat().st_mtime < stale_before:
                    shutil.rmtree(left, ignore_errors=True)
            path.mkdir(mode=0o700)
        except FileNotFoundError:  # another process removed a stale one in the same moment
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as e:
            if e.errno not in _FULL:
                raise
            raise DiskFull("There is no space left in the data folder; free some and try again.") from e
