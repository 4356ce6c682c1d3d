"""Whether the appliance's own bucket can be used: found out by using it, with one small object."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from rtcstack.errors import ObjectNotFound, PartRefused, PartUnavailable
from rtcstack.ports.storage import Location, Storage
from rtcstack.services.storage.settings import PROBE_NAME

_T = TypeVar("_T")
_CONTENT = "rtcstack put this here to check the bucket. It may be deleted.\n"


class SharedBucketCheck:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> int:
        """Put an object, read it, delete it; return how many milliseconds that took.

        Raises:
            PartUnavailable: the store does not answer.
            PartRefused: with which of the three it was, and the store's own words.
        """
        async with self._one_at_a_time:
            began_s = time.perf_counter()
            with tempfile.TemporaryDirectory(prefix="rtcstack-check-") as folder:
                await self._use(Path(folder))
            return round((time.perf_counter() - began_s) * 1000)

    async def _use(self, folder: Path) -> None:
        put, got = folder / "put", folder / "got"
        put.write_text(_CONTENT)
        at = Location(self._storage.bucket, PROBE_NAME)
        await _told("put", self._storage.upload(put, at.key, content_type="text/plain", metadata={}))
        try:
            await _told("read", self._storage.download(at, got))
        finally:
            await _told("deleted", self._storage.delete(at))
        if got.read_text() != _CONTENT:
            raise PartRefused("The store does not return what was put into it.", part="minio")


async def _told(what: str, work: Awaitable[_T]) -> _T:
    """Say what it was that the store did not do."""
    try:
        return await work
    except ObjectNotFound as e:
        raise PartRefused(f"No object can be {what}: it is not there.", part="minio") from e
    except (PartRefused, PartUnavailable) as e:
        raise type(e)(f"No object can be {what}: {e.message}", **e.details) from e
