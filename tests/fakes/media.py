"""Media without libav: files that say what was asked for; `tests/contract/ports/test_media.py` holds it against the real one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from rtcstack.errors import Invalid, PartRefused, RtcError
from rtcstack.ports.media import Cut, CutMode, MediaSource, Probed, Sheet, Snapshot, Storyboard


class FakeMedia:
    def __init__(self) -> None:
        self.cuts: list[tuple[MediaSource, float, float, CutMode]] = []
        self.cancelled = 0
        self.shots: list[bytes] = []
        """What is to be seen in every recording, picture by picture."""
        self.looked_at: list[MediaSource] = []
        self.probed: list[str] = []
        """The links that were looked into."""
        self.unreadable: set[str] = set()
        """Words in links behind which there is no recording."""
        self.streams = {"video": "h264,320x240,25", "audio": "aac,48000,2"}
        """Every recording's."""
        self.length_s: float | None = None
        """How long every recording is; None is as long as it takes."""
        self.while_cutting: Callable[[], Awaitable[None]] | None = None
        """Awaited in the middle of each cut."""
        self.while_probing: Callable[[], Awaitable[None]] | None = None
        """Awaited before anything is looked into."""
        self._failures: list[BaseException] = []

    def fail_next(self, error: RtcError | BaseException) -> None:
        """Let the next call fail with `error`."""
        self._failures.append(error)

    def _enter(self) -> None:
        if self._failures:
            raise self._failures.pop(0)

    async def cut(
        self,
        source: MediaSource,
        start_s: float,
        end_s: float,
        mode: CutMode,
        out: Path,
        on_progress: Callable[[float], None],
    ) -> Cut:
        self._enter()
        if self.length_s is not None and end_s > self.length_s:
            raise Invalid("The recording ends before.", code="invalid_range")
        self.cuts.append((source, start_s, end_s, mode))
        on_progress(0.5)
        try:
            if self.while_cutting is not None:
                await self.while_cutting()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        data = f"{start_s} to {end_s}".encode()
        await asyncio.to_thread(out.write_bytes, data)
        on_progress(1.0)
        return Cut(round((end_s - start_s) * 1000), len(data), mode, bytes_read=1000)

    async def probe(self, source: MediaSource) -> Probed:
        self._enter()
        if self.while_probing is not None:
            await self.while_probing()
        self.probed.append(source.url or "")
        if any(word in self.probed[-1] for word in self.unreadable):
            raise PartRefused("The recording cannot be decoded.", part="media", code="unreadable_media")
        return Probed(round((self.length_s or 60) * 1000), self.streams)

    async def poster(self, source: MediaSource, out: Path) -> None:
        del source
        self._enter()
        await asyncio.to_thread(out.write_bytes, b"a poster")

    async def storyboard(self, source: MediaSource, folder: Path) -> Storyboard:
        del source
        self._enter()
        sheets = []
        for n, tiles in enumerate((4, 2)):
            file = folder / f"sheet-{n}.jpg"
            await asyncio.to_thread(file.write_bytes, b"a sheet")
            sheets.append(Sheet(file, columns=2, tiles=tiles))
        return Storyboard(160, 90, 5_000, tuple(sheets))

    async def snapshots(self, source: MediaSource, interval_s: float, folder: Path) -> tuple[Snapshot, ...]:
        self._enter()
        self.looked_at.append(source)
        shots = enumerate(self.shots)
        return tuple([_shot(folder, round(n * interval_s * 1000), jpeg) for n, jpeg in shots])

    async def newest(self, source: MediaSource, folder: Path) -> Snapshot:
        self._enter()
        self.looked_at.append(source)
        if not self.shots:
            raise Invalid("The recording has no pictures.", code="no_video")
        return _shot(folder, (len(self.shots) - 1) * 1000, self.shots[-1])


def _shot(folder: Path, position_ms: int, jpeg: bytes) -> Snapshot:
    file = folder / f"{position_ms}.jpg"
    file.write_bytes(jpeg)
    return Snapshot(position_ms, file)
