"""What one recorder is asked to do, and the words it and the dispatcher exchange.

A job travels from the dispatcher over the zygote's socket into the forked recorder, in memory only: it carries the
LiveKit secret. Messages are JSON objects, one a line, on the recorder's control socket. End of file on that socket
means "finish the file now and exit", for whichever reason the other side went away.
"""

from pathlib import Path
from typing import Final, Literal

import msgspec

from rtcstack.egress.source import WHOLE_ROOM, Source

RESERVE_BYTES: Final = 32 * 1024 * 1024
"""A recording ends with so much left on the disk, so that its file can still be closed; none is begun with less."""


class Encoding(msgspec.Struct, frozen=True):
    """What to encode; the defaults are the product's: 1280x720 at 30 frames a second."""

    width: int = 1280
    height: int = 720
    framerate: int = 30
    video_bitrate_bps: int = 3_000_000
    audio_bitrate_bps: int = 128_000
    keyframe_interval_s: float = 2.0


class OverlayJob(msgspec.Struct, frozen=True):
    """What is laid over the picture of a whole room."""

    logo: str = ""
    """The path of a picture file on the worker's machine."""
    text: str = ""
    has_clock: bool = False


class RecordingJob(msgspec.Struct, frozen=True):
    """One part of one recording: everything a recorder needs to know."""

    egress_id: str
    room_name: str
    ws_url: str
    api_key: str
    api_secret: str
    folder: Path
    """The egress's folder in the spool; the recorder writes `part-{part}.mp4` there."""
    room_id: str = ""
    """LiveKit's id of the room that is meant: one of the same name may be made by joining it when it is gone."""
    part: int = 1
    encoding: Encoding = Encoding()
    source: Source = WHOLE_ROOM
    layout: str = "grid"
    overlay: OverlayJob = OverlayJob()
    has_audio: bool = True
    has_video: bool = True

    @property
    def file(self) -> Path:
        return self.folder / f"part-{self.part}.mp4"


class Span(msgspec.Struct, frozen=True):
    """From here on, wall time and the file's time run together, until the next span begins."""

    wall_ns: int
    pts_ms: int


def spans_path(part: Path) -> Path:
    """Where the recorder keeps the spans of a part: they outlive a kill."""
    return part.with_suffix(".spans.json")


EndReason = Literal[
    "stopped",
    "room_closed",
    "removed",
    "source_gone",
    "source_missing",
    "connection_lost",
    "control_lost",
    "join_failed",
    "disk_full",
    "error",
]


class Stop(msgspec.Struct, tag="stop", tag_field="type", frozen=True):
    """Dispatcher → recorder: finish the file and end."""


class Joined(msgspec.Struct, tag="joined", tag_field="type", frozen=True):
    """Recorder → dispatcher: connected to the room."""


class Started(msgspec.Struct, tag="started", tag_field="type", frozen=True):
    """The first frame (pts 0) went to the encoder at this wall time."""

    wall_ns: int


class Progress(msgspec.Struct, tag="progress", tag_field="type", frozen=True):
    """About once a second."""

    pts_ms: int
    frames: int
    """Video ticks written."""
    late: int
    """Ticks whose deadline passed before they were composed: the last picture was repeated."""
    overflowed: int = 0
    """Media frames dropped because a bounded queue was full."""


class Ended(msgspec.Struct, tag="ended", tag_field="type", frozen=True):
    """The last message: the file is closed and valid (unless `error` says there is none)."""

    reason: EndReason
    duration_ms: int
    spans: tuple[Span, ...] = ()
    error: str | None = None


ToRecorder = Stop
FromRecorder = Joined | Started | Progress | Ended
