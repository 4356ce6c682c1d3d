"""Work on the pictures and sound of recordings, done outside this process: clips, posters, storyboards, samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

CutMode = Literal["reencode", "smart"]


@dataclass(frozen=True)
class MediaSource:
    """Where a recording is read from: an object behind presigned links, or the files that a recorder is writing."""

    url: str | None = field(default=None, repr=False)
    """A presigned link for GET with ranges."""
    index_url: str | None = field(default=None, repr=False)
    """The same for the recording's index sidecar; without one the file's own index is read."""
    files: tuple[Path, ...] = ()
    """Parts in the spool, in order; the last one may still be growing."""


@dataclass(frozen=True)
class Probed:
    duration_ms: int
    """Above 0."""
    streams: Mapping[str, str]
    """`{"video": "h264,1280x720,30", "audio": "aac,48000,2"}`, one of them at least."""


@dataclass(frozen=True)
class Cut:
    duration_ms: int
    size_bytes: int
    mode: CutMode
    """How it was made: `reencode` also where `smart` was asked for and could not be had."""
    bytes_read: int
    """What was fetched from the store, the sidecar included."""


@dataclass(frozen=True)
class Sheet:
    """One sprite of a storyboard: `tiles` pictures, row by row, `columns` in a row."""

    file: Path
    columns: int
    tiles: int


@dataclass(frozen=True)
class Storyboard:
    tile_width: int
    tile_height: int
    interval_ms: int
    """Picture n is of the moment n times the interval, or the keyframe next to it."""
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Snapshot:
    """One picture as JPEG."""

    position_ms: int
    file: Path


class Media(Protocol):
    """Every call runs in a child process of lower priority that ends with the caller, also when cancelled.

    Raises:
        Invalid: the range lies outside what there is (`invalid_range`), or there are no pictures (`no_video`).
        PartUnavailable: the store does not answer.
        PartRefused: the store refuses, or the file cannot be decoded (`unreadable_media`).
        DiskFull: there is no room for what is being made.
    """

    async def cut(
        self,
        source: MediaSource,
        start_s: float,
        end_s: float,
        mode: CutMode,
        out: Path,
        on_progress: Callable[[float], None],
    ) -> Cut:
        """Write the clip to `out`, an MP4 that plays at once; progress goes from 0 to 1."""
        ...

    async def probe(self, source: MediaSource) -> Probed:
        """Return what its container says: one that is no recording raises `PartRefused` (`unreadable_media`)."""
        ...

    async def poster(self, source: MediaSource, out: Path) -> None:
        """Write one telling picture of the recording as JPEG."""
        ...

    async def storyboard(self, source: MediaSource, folder: Path) -> Storyboard:
        """Write sprites into `folder`, from keyframes alone."""
        ...

    async def snapshots(self, source: MediaSource, interval_s: float, folder: Path) -> tuple[Snapshot, ...]:
        """Write a picture every so many seconds into `folder`, from keyframes alone."""
        ...

    async def newest(self, source: MediaSource, folder: Path) -> Snapshot:
        """Write the last keyframe that there is into `folder`."""
        ...
