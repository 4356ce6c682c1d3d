"""What travels between the API's process and a media process, as JSON objects, one a line.

The order goes to the child's standard input, which stays open: its end means "stop". Presigned links travel only here,
never on a command line. Answers come on standard output: any number of `Alive` and
`Progress`, then one result or `Failed`.
"""

from pathlib import Path

import msgspec

from rtcstack.ports.media import CutMode


class Source(msgspec.Struct, frozen=True):
    """`ports.media.MediaSource`, and where links may lead."""

    url: str | None
    index_url: str | None
    files: tuple[Path, ...]
    own_origins: tuple[str, ...] = ()
    """`scheme://host:port` of the operator's own stores, which may lie in any network."""
    allow_networks: tuple[str, ...] = ()
    allow_loopback: bool = False


class CutTask(msgspec.Struct, tag="cut", frozen=True):
    start_s: float
    end_s: float
    mode: CutMode
    out: Path


class ProbeTask(msgspec.Struct, tag="probe", frozen=True):
    pass


class PosterTask(msgspec.Struct, tag="poster", frozen=True):
    out: Path


class StoryboardTask(msgspec.Struct, tag="storyboard", frozen=True):
    folder: Path


class SnapshotsTask(msgspec.Struct, tag="snapshots", frozen=True):
    interval_s: float | None
    """None means the last keyframe alone."""
    folder: Path


Task = CutTask | ProbeTask | PosterTask | StoryboardTask | SnapshotsTask


class Order(msgspec.Struct, frozen=True):
    source: Source
    task: Task


class Progress(msgspec.Struct, tag="progress", frozen=True):
    """From 0 to 1."""

    done: float


class Alive(msgspec.Struct, tag="alive", frozen=True):
    """Said every few seconds, whatever the task: the process has not been stopped."""


class CutDone(msgspec.Struct, tag="cut", frozen=True):
    duration_ms: int
    size_bytes: int
    mode: CutMode
    bytes_read: int


class ProbeDone(msgspec.Struct, tag="probe", frozen=True):
    duration_ms: int
    streams: dict[str, str]


class PosterDone(msgspec.Struct, tag="poster", frozen=True):
    pass


class SheetDone(msgspec.Struct, frozen=True):
    file: Path
    columns: int
    tiles: int


class StoryboardDone(msgspec.Struct, tag="storyboard", frozen=True):
    tile_width: int
    tile_height: int
    interval_ms: int
    sheets: tuple[SheetDone, ...]


class SnapshotDone(msgspec.Struct, frozen=True):
    position_ms: int
    file: Path


class SnapshotsDone(msgspec.Struct, tag="snapshots", frozen=True):
    snapshots: tuple[SnapshotDone, ...]


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """An error of our tree by its class's name, or a fault of the program: then `where` is its traceback."""

    kind: str
    code: str
    message: str
    where: str = ""


Result = CutDone | ProbeDone | PosterDone | StoryboardDone | SnapshotsDone
Answer = Alive | Progress | Result | Failed


def encode(message: Order | Answer) -> bytes:
    """Return one line."""
    return msgspec.json.encode(message, enc_hook=str) + b"\n"


def decode_order(line: bytes) -> Order:
    return msgspec.json.decode(line, type=Order, dec_hook=_path)


def decode_answer(line: bytes) -> Answer:
    answer: Answer = msgspec.json.decode(line, type=Answer, dec_hook=_path)
    return answer


def _path(kind: type, text: str) -> Path:
    assert issubclass(kind, Path)
    return kind(text)
