"""`ports/media.py` over child processes: one `rtcstack media` for each call (rtcstack/media/main.py)."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

from rtcstack.adapters.http.guard import Network
from rtcstack.adapters.media.failures import as_error, ended_without_answer
from rtcstack.errors import Invalid
from rtcstack.media.order import (
    CutDone,
    CutTask,
    Failed,
    Order,
    PosterTask,
    ProbeDone,
    ProbeTask,
    Progress,
    Result,
    SnapshotsDone,
    SnapshotsTask,
    Source,
    StoryboardDone,
    StoryboardTask,
    Task,
    decode_answer,
    encode,
)
from rtcstack.ports.media import Cut, CutMode, MediaSource, Probed, Sheet, Snapshot, Storyboard
from rtcstack.spawn import spawn_argv

_LONGEST_ANSWER_BYTES: Final = 16 * 1024 * 1024


class MediaProcesses:
    """Links are followed where the address guard allows, and to the operator's own stores wherever those are.

    Args:
        own_origins: `scheme://host:port` of those stores.
        allow_networks: what the guard allows besides public addresses.
        allow_loopback: the same for loopback.
    """

    def __init__(
        self,
        own_origins: Sequence[str] = (),
        allow_networks: Sequence[Network] = (),
        *,
        allow_loopback: bool = False,
    ) -> None:
        self._own_origins = tuple(own_origins)
        self._allow_networks = tuple(str(network) for network in allow_networks)
        self._allow_loopback = allow_loopback

    async def cut(
        self,
        source: MediaSource,
        start_s: float,
        end_s: float,
        mode: CutMode,
        out: Path,
        on_progress: Callable[[float], None],
    ) -> Cut:
        if not (math.isfinite(end_s) and 0 <= start_s < end_s):
            raise Invalid("A clip begins at 0 s or later and ends after its beginning.", code="invalid_range")
        try:
            done = await self._run(source, CutTask(start_s, end_s, mode, out), on_progress)
        except BaseException:
            await asyncio.to_thread(out.unlink, missing_ok=True)  # a part of a clip is none
            raise
        assert isinstance(done, CutDone)
        on_progress(1.0)
        return Cut(done.duration_ms, done.size_bytes, done.mode, done.bytes_read)

    async def probe(self, source: MediaSource) -> Probed:
        done = await self._run(source, ProbeTask())
        assert isinstance(done, ProbeDone)
        return Probed(done.duration_ms, done.streams)

    async def poster(self, source: MediaSource, out: Path) -> None:
        await self._run(source, PosterTask(out))

    async def storyboard(self, source: MediaSource, folder: Path) -> Storyboard:
        done = await self._run(source, StoryboardTask(folder))
        assert isinstance(done, StoryboardDone)
        sheets = tuple(Sheet(sheet.file, sheet.columns, sheet.tiles) for sheet in done.sheets)
        return Storyboard(done.tile_width, done.tile_height, done.interval_ms, sheets)

    async def snapshots(self, source: MediaSource, interval_s: float, folder: Path) -> tuple[Snapshot, ...]:
        done = await self._run(source, SnapshotsTask(interval_s, folder))
        assert isinstance(done, SnapshotsDone)
        return tuple(Snapshot(taken.position_ms, taken.file) for taken in done.snapshots)

    async def newest(self, source: MediaSource, folder: Path) -> Snapshot:
        done = await self._run(source, SnapshotsTask(None, folder))
        assert isinstance(done, SnapshotsDone)
        [taken] = done.snapshots
        return Snapshot(taken.position_ms, taken.file)

    def _order(self, source: MediaSource, task: Task) -> bytes:
        own = Source(
            url=source.url,
            index_url=source.index_url,
            files=source.files,
            own_origins=self._own_origins,
            allow_networks=self._allow_networks,
            allow_loopback=self._allow_loopback,
        )
        return encode(Order(own, task))

    async def _run(
        self, source: MediaSource, task: Task, on_progress: Callable[[float], None] | None = None
    ) -> Result:
        async with _child() as child:
            assert child.stdin is not None
            assert child.stdout is not None
            with contextlib.suppress(ConnectionError):  # what it died of is told below
                child.stdin.write(self._order(source, task))
                await child.stdin.drain()
            async for line in child.stdout:
                answer = decode_answer(line)
                if isinstance(answer, Failed):
                    raise as_error(answer)
                if not isinstance(answer, Progress):
                    return answer
                if on_progress:
                    on_progress(answer.done)
            raise ended_without_answer(await child.wait())


@contextlib.asynccontextmanager
async def _child() -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a media process; it is gone when the block is left, however that happens."""
    child = await asyncio.create_subprocess_exec(
        *spawn_argv("media"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_ANSWER_BYTES,
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await asyncio.shield(child.wait())
