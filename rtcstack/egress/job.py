"""What one recorder is asked to do, and the words it and the dispatcher exchange.

A job travels from the dispatcher over the zygote's socket into the forked recorder, in memory only: it carries the
LiveKit secret. Messages are JSON objects, one a line, on the recorder's control socket. End of file on that socket
means "finish the file now and exit", for whichever reason the other side went away.
"""

from pathlib import Path
from typing import Final, Literal

import msgspec

from rtcstack.egress.outputs import AudioCodec, Outputs
from rtcstack.egress.source import WHOLE_ROOM, Source

SPANS: Final = ".spans.json"
RESERVE_BYTES: Final = 32 * 1024 * 1024
"""A recording ends with so much left on the disk, so that its file can still be closed; none is begun with less."""


class Encoding(msgspec.Struct, frozen=True):
    """What to encode; the defaults are the product's: 1280x720 at 30 frames a second."""

    width: int = 1280
    height: int = 720
    framerate: int = 30
    video_bitrate_bps: int = 3_000_000
    """No more than this, over two seconds."""
    audio_bitrate_bps: int = 128_000
    keyframe_interval_s: float = 2.0
    audio_codec: AudioCodec = "aac"
    crf: int = 23
    """x264's constant rate factor: how good the pictures are to be below that rate; lower is better. All parts of a file have the same."""


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
    outputs: Outputs = Outputs()
    layout: str = "grid"
    overlay: OverlayJob = OverlayJob()
    has_audio: bool = True
    has_video: bool = True
    is_fitted: bool = False
    """What is to be encoded is what an earlier recorder of this egress did; a single track otherwise decides it."""
    is_paused: bool = False
    """The file begins when the recording is resumed."""
    max_duration_ms: int = 0
    """The recording ends when its file is so long; 0: as long as it takes."""
    max_bytes: int = 0
    """It ends before its file is larger than this; 0: however large."""

    about: dict[str, str] = {}
    """What the recorder's log lines say of it."""

    @property
    def file(self) -> Path:
        return self.folder / f"part-{self.part}.mp4"


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """From here on, wall time and the file's time run together, until the next span begins."""

    wall_ns: int
    pts_ms: int
    after: Literal["", "pause", "loss"] = ""
    """What lies between this span and the one before: a pause, or what was lost between two recorders."""


def spans_path(part: Path) -> Path:
    """Where the recorder keeps the spans of a part: they outlive a kill."""
    return part.with_suffix(SPANS)


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
    "limit_reached",
    "error",
]


class Stop(msgspec.Struct, tag="stop", tag_field="type", frozen=True):
    """Dispatcher → recorder: finish the file and end."""


class Pause(msgspec.Struct, tag="pause", tag_field="type", frozen=True):
    """Dispatcher → recorder: leave out everything from now on; without effect during a pause."""


class Resume(msgspec.Struct, tag="resume", tag_field="type", frozen=True):
    """Dispatcher → recorder: go on in the same file; without effect outside of a pause."""


class Joined(msgspec.Struct, tag="joined", tag_field="type", frozen=True):
    """Recorder → dispatcher: connected to the room; this is what is recorded, which a single track decides itself."""

    encoding: Encoding = Encoding()
    has_audio: bool = True
    has_video: bool = True


class LayoutChanged(msgspec.Struct, tag="layout_changed", tag_field="type", frozen=True):
    """Recorder → dispatcher: LiveKit was asked for another layout; a later part begins with it."""

    layout: str


class RoomChanged(msgspec.Struct, tag="room_changed", tag_field="type", frozen=True):
    """Recorder → dispatcher: people came back to another room of the same name; a later part is of that one."""

    room_id: str


class Started(msgspec.Struct, tag="started", tag_field="type", frozen=True):
    """The first frame (pts 0) went to the encoder at this wall time."""

    wall_ns: int


class Reduced(msgspec.Struct, frozen=True):
    """What of the file has fewer pictures than were asked for, as the machine was overloaded."""

    for_ms: int
    framerate: int
    """The lowest there was."""


class Lacks(msgspec.Struct, frozen=True):
    """What of the file is not as the room was, for other reasons than too few pictures."""

    cut_off_ms: int = 0
    """So much of the room is missing in the file, as the recorder was cut off from LiveKit."""
    cut_off_ns: int = 0
    """The wall time at which that began first."""
    sound_ms: int = 0
    """So much of somebody's sound the recorder did not take in; of whoever lacks most."""


class Progress(msgspec.Struct, tag="progress", tag_field="type", frozen=True):
    """About once a second."""

    pts_ms: int
    frames: int
    """Video ticks written."""
    late: int
    """Ticks whose deadline passed before they were composed: the last picture was repeated."""
    overflowed: int = 0
    """Media frames dropped because a bounded queue was full."""
    cpu_ms: int = 0
    """What the recorder has used of the CPU since it began."""
    memory_bytes: int = 0
    """What it has of the memory; 0 when that is not known."""
    every: int = 1
    """Of so many ticks one gets a picture: more than 1 while the machine is overloaded."""
    reduced: Reduced | None = None
    """Of the file until now."""
    lacks: Lacks | None = None
    """Of the file until now."""


class Ended(msgspec.Struct, tag="ended", tag_field="type", frozen=True):
    """The last message: the file is closed and valid (unless `error` says there is none)."""

    reason: EndReason
    duration_ms: int
    spans: tuple[Span, ...] = ()
    error: str | None = None
    reduced: Reduced | None = None
    lacks: Lacks | None = None


ToRecorder = Stop | Pause | Resume
FromRecorder = Joined | LayoutChanged | RoomChanged | Started | Progress | Ended
