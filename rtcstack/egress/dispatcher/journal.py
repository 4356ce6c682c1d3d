"""What has happened to one egress, on the disk before anybody acts on it: one JSON object a line.

A line that a power cut tore in two is the last one and is dropped on reading; the next append starts a new line.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from rtcstack import log
from rtcstack.egress.dispatcher.course import Course, Turn
from rtcstack.egress.job import EndReason, Lacks, Reduced, Span

_logger = log.get(__name__)


class Reported(msgspec.Struct, tag="reported", tag_field="type", frozen=True):
    """LiveKit is to be told this: `info` is the serialised EgressInfo (no secrets)."""

    sequence: int
    info: bytes


class Acknowledged(msgspec.Struct, tag="acknowledged", tag_field="type", frozen=True):
    """LiveKit has taken the report."""

    sequence: int


class FirstFrame(msgspec.Struct, tag="first_frame", tag_field="type", frozen=True):
    wall_ns: int


class StopAsked(msgspec.Struct, tag="stop_asked", tag_field="type", frozen=True):
    why: str
    """In LiveKit's words for an end reason."""
    wall_ns: int = 0


class Recorded(msgspec.Struct, tag="recorded", tag_field="type", frozen=True):
    """The recorder ended. Without one of these an egress found in the spool lost its recorder and dispatcher."""

    wall_ns: int
    reason: EndReason | None
    """None: the recorder died without a word."""
    error: str | None = None
    reduced: Reduced | None = None
    lacks: Lacks | None = None


class UploadAsked(msgspec.Struct, tag="upload_asked", tag_field="type", frozen=True):
    """The store is asked to begin an upload in parts; whether it did says the next entry, if there is one."""


class UploadBegun(msgspec.Struct, tag="upload_begun", tag_field="type", frozen=True):
    """The store takes the file in parts: while it is written, or once it is whole."""

    upload_id: str
    location: str
    """The object's, which tells stores from each other."""
    part_bytes: int
    sha256: str = ""
    """The checksum of the whole file that it was begun for, which stands in the object's metadata; empty while it is written."""


class PartSent(msgspec.Struct, tag="part_sent", tag_field="type", frozen=True):
    """The store has taken one of these parts."""

    number: int
    etag: str
    md5: str
    sha256: str
    """Both of the bytes as they were on the disk, in hexadecimal digits."""


class UploadEnded(msgspec.Struct, tag="upload_ended", tag_field="type", frozen=True):
    """Nothing of an unfinished upload is left in the store, or it will not say."""


class Made(msgspec.Struct, tag="made", tag_field="type", frozen=True):
    """The file that is to be uploaded is complete in the spool."""

    metadata: dict[str, str]
    """For its object, the checksum of the file among it."""
    duration_ms: int
    ended_ns: int = 0
    """The wall time of its last moment; 0 when it is not known."""
    recovered: bool = False
    """The parts were not closed in order."""
    spans: tuple[Span, ...] = ()


class Stored(msgspec.Struct, tag="stored", tag_field="type", frozen=True):
    """The store has confirmed the object."""

    size_bytes: int
    duration_ms: int
    sha256: str
    location: str
    started_ns: int
    """The wall time of the file's first moment; 0 when it is not known."""
    ended_ns: int
    """The wall time of its last moment; 0 when it is not known."""
    recovered: bool
    """The file was not closed in order."""
    spans: tuple[Span, ...] = ()


class Closed(msgspec.Struct, tag="closed", tag_field="type", frozen=True):
    """Nothing is left to do; a file that is still here was kept because it could not be stored."""


_Upload = UploadAsked | UploadBegun | PartSent | UploadEnded
Entry = Reported | Acknowledged | FirstFrame | StopAsked | Turn | Recorded | _Upload | Made | Stored | Closed


class Facts:
    """What the entries say, taken together: the latest of each kind."""

    def __init__(self) -> None:
        self.info = b""
        self.first_frame: FirstFrame | None = None
        self.stop_asked: StopAsked | None = None
        self.course = Course()
        self.recorded: Recorded | None = None
        self.uploads_asked = 0
        self.upload: UploadBegun | None = None
        self.parts_sent: dict[int, PartSent] = {}
        self.made: Made | None = None
        self.stored: Stored | None = None
        self.is_closed = False

    def apply(self, entry: Entry) -> None:
        self._apply_upload(entry)
        self._apply_turn(entry)
        match entry:
            case Reported():
                self.info = entry.info
            case FirstFrame():
                self.first_frame = entry
            case StopAsked():
                self.stop_asked = self.stop_asked or entry
            case Recorded():
                self.recorded = entry
            case Made():
                self.made = entry
            case Stored():
                self.stored = entry
            case Closed():
                self.is_closed = True

    def _apply_turn(self, entry: Entry) -> None:
        if isinstance(entry, Turn):
            self.course.apply(entry)

    def _apply_upload(self, entry: Entry) -> None:
        match entry:
            case UploadAsked():
                self.uploads_asked += 1
            case UploadBegun():
                self.upload, self.parts_sent = entry, {}
            case PartSent():
                self.parts_sent[entry.number] = entry
            case UploadEnded():
                self.uploads_asked, self.upload, self.parts_sent = 0, None, {}


_decoder = msgspec.json.Decoder(Entry)


class Journal:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self.facts = Facts()

    async def append(self, entry: Entry) -> None:
        """Write one entry; it is among the facts and on the disk when this returns.

        A disk that takes nothing any more is logged; the egress then goes on from memory.
        """
        self.facts.apply(entry)
        async with self._lock:
            try:
                await asyncio.to_thread(self._write, msgspec.json.encode(entry))
            except OSError:
                _logger.exception("the journal cannot be written", file=str(self._path))

    def read(self) -> list[Entry]:
        """Return all entries, in the order they were written, after adding them to the facts."""
        entries = list(_entries(self._path.read_bytes())) if self._path.exists() else []
        for entry in entries:
            self.facts.apply(entry)
        return entries

    def _write(self, line: bytes) -> None:
        with self._path.open("ab+") as file:
            if file.tell() and not self._ends_with_newline():
                file.write(b"\n")
            file.write(line + b"\n")
            file.flush()
            os.fdatasync(file.fileno())

    def _ends_with_newline(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def _entries(data: bytes) -> Iterable[Entry]:
    for line in data.splitlines():
        try:
            yield _decoder.decode(line)
        except msgspec.DecodeError:
            continue
