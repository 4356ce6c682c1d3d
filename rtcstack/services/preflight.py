"""Whether the parts answer and the disks have room: asked before a recording begins, when one failed, and by `/readyz`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from rtcstack.errors import DiskFull, PartUnavailable, RtcError

_MISSES = 3
_WATCH_S = 1.0
_AGAIN_S = 0.25
_PROBE_S = 2.5
_ROOTS = ("redis", "livekit", "egress")
"""LiveKit can do nothing without Redis, and hears of Egress through it: the first that fails explains the others."""
_WRITE_BYTES = 8 * 1024 * 1024
"""What database and Redis may need for their next writes."""

Probe = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Disks:
    """Where is written, and how much room that takes: `begin_bytes` for a recording to begin, `end_bytes` to go on."""

    data: tuple[Path, ...]
    spool: Path
    begin_bytes: int
    end_bytes: int


class Preflight:
    """`probes` by the name of the part."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        disks: Disks,
        *,
        has_room: Probe | None = None,
        probe_timeout_s: float = _PROBE_S,
    ) -> None:
        """`has_room` raises what is to be said when no Egress worker takes another recording."""
        self._probes, self._disks, self._probe_timeout_s = probes, disks, probe_timeout_s
        self._has_room = has_room

    async def check(self, *, needs_shared_store: bool = True) -> None:
        """Raises `DiskFull`, the failure of a part that recording needs, or that the workers take no more; what explains the
        others comes first.

        A tenant's own bucket is not asked: it was checked when it was set, the worker waits out its trouble, and what
        it refuses for good stays in the spool.
        """
        if full := self.disk_failure():
            raise full
        names = ("redis", "livekit", *(("minio",) if needs_shared_store else ()))
        failures = await asyncio.gather(*(self._failure(name) for name in names))
        for failure in filter(None, failures):
            raise failure
        if self._has_room:
            await self._has_room()

    async def check_worker(self) -> None:
        """Raises the failure of the Egress workers: nobody is there to take a recording."""
        if failure := await self._failure("egress"):
            raise failure

    async def _ask(self, name: str) -> None:
        """Raises `PartUnavailable` also for a part that hangs."""
        try:
            async with asyncio.timeout(self._probe_timeout_s):
                await self._probes[name]()
        except TimeoutError as e:
            raise PartUnavailable(f"{name} does not answer.", part=name) from e

    async def _failure(self, name: str) -> RtcError | None:
        try:
            await self._ask(name)
        except RtcError as e:
            return e
        return None

    async def until_no_worker(self) -> None:
        """Return once the Egress workers have not answered a few times in a row; as long as one does, wait."""
        missed = 0
        while missed < _MISSES:
            missed = missed + 1 if await self._failure("egress") else 0
            await asyncio.sleep(_AGAIN_S if missed else _WATCH_S)

    async def wait_until_ready(self, timeout_s: float, *, needs_shared_store: bool = True) -> bool:
        """Return whether, within that time, every part that recording needs answers, an Egress worker too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while True:
                    if await self._is_ready(needs_shared_store=needs_shared_store):
                        return True
                    await asyncio.sleep(_AGAIN_S)
        return False

    async def _is_ready(self, *, needs_shared_store: bool) -> bool:
        try:
            await self.check(needs_shared_store=needs_shared_store)
        except RtcError:
            return False
        return await self._failure("egress") is None

    async def report(self) -> Mapping[str, RtcError | None]:
        """Return each part's failure, or None where it answers."""
        found = await asyncio.gather(*(self._failure(name) for name in self._probes))
        return dict(zip(self._probes, found, strict=True))

    async def cause(self) -> RtcError | None:
        """Return why LiveKit could not begin a recording: the first part on the way to the recorder that fails."""
        failures = await asyncio.gather(*(self._failure(name) for name in _ROOTS))
        return next(filter(None, failures), None) or await self._lack_of_room()

    async def _lack_of_room(self) -> RtcError | None:
        try:
            if self._has_room:
                await self._has_room()
        except RtcError as e:
            return e
        return None

    def disk_failure(self) -> DiskFull | None:
        """Return why nothing can be written, or no recording begun, for want of space."""
        if any(_lacks(folder, _WRITE_BYTES) for folder in self._disks.data):
            return DiskFull("There is no space left in the data folder; free some and try again.")
        if _lacks(self._disks.spool, self._disks.begin_bytes):
            return DiskFull(
                "There is not enough free space in the spool folder to begin a recording.",
                min_free_bytes=self._disks.begin_bytes,
            )
        return None

    def has_ended_recordings(self) -> bool:
        """Whether the spool's disk is so full that every recorder has finished its file, told to anybody or not."""
        return _lacks(self._disks.spool, self._disks.end_bytes)


def _lacks(folder: Path, needed_bytes: int) -> bool:
    return folder.exists() and disk_usage(folder).free < needed_bytes
