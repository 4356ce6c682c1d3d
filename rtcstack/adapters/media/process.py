"""`ports/media.py` over child processes: one `rtcstack media` for each call (rtcstack/media/main.py)."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rtcstack.adapters.http.guard import Network
from rtcstack.adapters.media.children import Child, Children
from rtcstack.adapters.media.failures import as_error, ended_without_answer
from rtcstack.errors import Invalid, PartUnavailable
from rtcstack.media.order import (
    Alive,
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

_STALLED_AFTER_S: Final = 900.0
"""A cut that lives but comes no further for so long hangs: its last step, to write the file's index, takes the longest."""


class MediaProcesses:
    """Links are followed where the address guard allows, and to the operator's own stores wherever those are.

    Args:
        own_origins: `scheme://host:port` of those stores.
        allow_networks: what the guard allows besides public addresses.
        allow_loopback: the same for loopback.
        silence_s: a process that says nothing for so long is ended; each says something every 5 seconds.
    """

    def __init__(
        self,
        own_origins: Sequence[str] = (),
        allow_networks: Sequence[Network] = (),
        *,
        allow_loopback: bool = False,
        silence_s: float = 60.0,
    ) -> None:
        self._own_origins = tuple(own_origins)
        self._allow_networks = tuple(str(network) for network in allow_networks)
        self._allow_loopback = allow_loopback
        self._silence_s = silence_s
        self._children = Children()

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
        async with self._children.told(self._order(source, task)) as child:
            came_on_s = time.monotonic()
            while line := await self._line(child):
                answer = decode_answer(line)
                if isinstance(answer, Failed):
                    raise as_error(answer)
                if not isinstance(answer, Alive | Progress):
                    self._children.prepare()
                    return answer
                if on_progress is None:
                    continue
                if isinstance(answer, Progress):
                    came_on_s = time.monotonic()
                    on_progress(answer.done)
                elif time.monotonic() - came_on_s > _STALLED_AFTER_S:
                    raise PartUnavailable("The media process comes no further.", part="media")
            raise ended_without_answer(await child.status())

    async def _line(self, child: Child) -> bytes:
        """Return what a process says next, nothing at its end. Raises `PartUnavailable` if it is silent for too long."""
        try:
            async with asyncio.timeout(self._silence_s):
                return await child.line()
        except TimeoutError:
            raise PartUnavailable(
                f"The media process has said nothing for {self._silence_s:g} s.", part="media"
            ) from None
