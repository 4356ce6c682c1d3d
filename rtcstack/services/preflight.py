"""Whether the parts answer: asked before a recording begins, and by `/readyz`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from shutil import disk_usage

from rtcstack.errors import DiskFull, PartUnavailable, RtcError

_MISSES = 3
_WATCH_S = 1.0
_PROBE_S = 2.5

Probe = Callable[[], Awaitable[None]]


class Preflight:
    """`probes` by the name of the part; `spool` is where recordings are written."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        spool: Path,
        min_free_bytes: int,
        *,
        probe_timeout_s: float = _PROBE_S,
    ) -> None:
        self._probes, self._probe_timeout_s = probes, probe_timeout_s
        self._spool, self._min_free_bytes = spool, min_free_bytes

    async def check(self) -> None:
        """Raises the first failure among those parts that LiveKit's own answer would not name, or `DiskFull`."""
        self._check_disk()
        await asyncio.gather(*(self._ask(name) for name in ("redis", "minio")))

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
            await asyncio.sleep(0 if missed else _WATCH_S)

    async def report(self) -> Mapping[str, RtcError | None]:
        """Return each part's failure, or None where it answers."""
        found = await asyncio.gather(*(self._failure(name) for name in self._probes))
        return dict(zip(self._probes, found, strict=True))

    def _check_disk(self) -> None:
        if self._spool.exists() and disk_usage(self._spool).free < self._min_free_bytes:
            raise DiskFull(
                "There is not enough free space in the spool folder to begin a recording.",
                min_free_bytes=self._min_free_bytes,
            )
