"""What an egress makes of one encoding, and how the files are called that come one after the other."""

from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

Suffix = Literal["index", "timestamp", "none"]
"""What tells the files of one output apart; with "none" each replaces the one before."""
FileForm = Literal["mp4", "ogg", "none"]
AudioCodec = Literal["aac", "opus"]
DEFAULT_SEGMENT_S: Final = 4
DEFAULT_INTERVAL_S: Final = 10
IMAGE_EXTENSION: Final = ".jpeg"


class SegmentsOutput(msgspec.Struct, frozen=True):
    """An HLS rendition. All its names are relative to `folder`, which is empty or ends with a slash."""

    folder: str
    playlist: str
    prefix: str
    live_playlist: str = ""
    duration_s: int = DEFAULT_SEGMENT_S
    suffix: Suffix = "index"

    @property
    def playlist_key(self) -> str:
        return self.folder + self.playlist

    @property
    def live_playlist_key(self) -> str:
        """Empty if none is wanted."""
        return self.live_playlist and self.folder + self.live_playlist

    def name(self, index: int, wall_ns: int) -> str:
        """Return a segment's name; `wall_ns` is when it begins."""
        return _name(self.prefix, self.suffix, index, wall_ns, ".ts")


class ImagesOutput(msgspec.Struct, frozen=True):
    """A picture now and then. A side of 0 follows from the other one; both 0 are the recording's own size."""

    prefix: str
    """Of the keys, with their folder."""
    interval_s: int = DEFAULT_INTERVAL_S
    width: int = 0
    height: int = 0
    suffix: Suffix = "index"

    def key(self, index: int, wall_ns: int) -> str:
        """Return an image's key; `wall_ns` is when it was seen."""
        return _name(self.prefix, self.suffix, index, wall_ns, IMAGE_EXTENSION)


class Outputs(msgspec.Struct, frozen=True):
    """All that one egress makes. Without anything it is one MP4."""

    file: FileForm = "mp4"
    """Its key is the order's."""
    segments: SegmentsOutput | None = None
    images: tuple[ImagesOutput, ...] = ()
    manifest_key: str = ""
    """Empty if none is wanted."""

    @property
    def has_sound(self) -> bool:
        """Whether any of them holds sound."""
        return self.file != "none" or self.segments is not None


def _name(prefix: str, suffix: Suffix, index: int, wall_ns: int, extension: str) -> str:
    if suffix == "none":
        return prefix + extension
    if suffix == "index" or not wall_ns:  # without a time all would be called the same
        return f"{prefix}_{index:05d}{extension}"
    wall_ms = wall_ns // 1_000_000
    stamp = datetime.fromtimestamp(wall_ms / 1000, tz=UTC).strftime("%Y%m%d%H%M%S")
    return f"{prefix}_{stamp}{wall_ms % 1000:03d}{extension}"
