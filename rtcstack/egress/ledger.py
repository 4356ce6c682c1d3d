"""The spool's list of the segments and images that are complete: what a killed recorder made is known by it.

    side.jsonl                    one JSON object a line: the recorder appends, nobody changes a line
    segments/{part}-{index}.ts    one that is not in the list was being written when its recorder died
    images/{output}-{part}-{index}.jpeg

A file goes when the store has confirmed it, its line stays: a line without a file is one that was stored.
"""

import contextlib
import errno
import os
from io import RawIOBase
from pathlib import Path
from typing import Final

import msgspec

NAME: Final = "side.jsonl"
OFFSET_S: Final = 10
"""Added to the time stamps in segments: an encoder's lead-in lies before 0, which a transport stream cannot say."""


class Segment(msgspec.Struct, tag="segment", tag_field="type", frozen=True):
    part: int
    index: int
    """Counted through all parts."""
    begin_ms: int
    """In the part's own time."""
    duration_ms: int
    size_bytes: int


class Image(msgspec.Struct, tag="image", tag_field="type", frozen=True):
    output: int
    """Which of the outputs for images."""
    part: int
    index: int
    """Counted through all parts of that output."""
    pts_ms: int
    """In the part's own time."""
    size_bytes: int


Entry = Segment | Image
_decoder: Final = msgspec.json.Decoder(Entry)
_encoder: Final = msgspec.json.Encoder()


class Ledger:
    def __init__(self, folder: Path) -> None:
        """`folder` is the egress's in the spool."""
        self.path = folder / NAME
        self._segments, self._images = folder / "segments", folder / "images"
        self.added_bytes = 0
        """Of the files that were added by `append` here."""

    def append(self, entry: Entry) -> None:
        """Add a line; whoever reads sees it whole or not at all, also behind one that a full disk tore. Raises OSError."""
        line = _encoder.encode(entry) + b"\n"
        with self.path.open("ab+", buffering=0) as file:
            if file.tell() and not _ends_line(file):
                line = b"\n" + line
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self.added_bytes += entry.size_bytes

    def read(self) -> list[Entry]:
        """Return all entries; a line that a full disk tore is left out."""
        return self.read_on(0)[0]

    def read_on(self, offset_bytes: int) -> tuple[list[Entry], int]:
        """Return the entries behind that offset, as `read` does, and the offset to go on from: a torn last line may yet be completed."""
        found: list[Entry] = []
        *lines, last = self._bytes_from(offset_bytes).split(b"\n")
        for line in lines:
            offset_bytes += len(line) + 1
            with contextlib.suppress(msgspec.DecodeError):
                found.append(_decoder.decode(line))
        with contextlib.suppress(msgspec.DecodeError):
            found.append(_decoder.decode(last))  # it may lack nothing but its end of line
            offset_bytes += len(last)
        return found, offset_bytes

    def _bytes_from(self, offset_bytes: int) -> bytes:
        if not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            file.seek(offset_bytes)
            return file.read()

    def segment_file(self, part: int, index: int) -> Path:
        return self._segments / f"{part}-{index:05d}.ts"

    def file(self, entry: Entry) -> Path:
        if isinstance(entry, Segment):
            return self.segment_file(entry.part, entry.index)
        return self._images / f"{entry.output}-{entry.part}-{entry.index:05d}.jpeg"

    def segments_there(self) -> list[tuple[int, int]]:
        """Return part and index of the segments whose files are there, in order."""
        names = [file.stem.partition("-") for file in self._segments.glob("*-*.ts")]
        return sorted((int(part), int(index)) for part, _, index in names)

    def next_segment(self) -> int:
        """Return the first index that no segment has."""
        known = [entry.index for entry in self.read() if isinstance(entry, Segment)]
        return max([*known, *(index for _, index in self.segments_there())], default=-1) + 1

    def next_image(self, output: int) -> int:
        known = [e.index for e in self.read() if isinstance(e, Image) and e.output == output]
        return max(known, default=-1) + 1

    def make(self) -> None:
        """Make an empty list and its folders, unless they are there."""
        self.path.touch()
        for folder in (self._segments, self._images):
            folder.mkdir(exist_ok=True)

    def unsent_bytes(self) -> int:
        """Return the size of what lies here that the store has not confirmed; what goes meanwhile does not count."""
        total = 0
        for folder in (self._segments, self._images):
            for file in folder.glob("*"):
                with contextlib.suppress(FileNotFoundError):
                    total += file.stat().st_size
        return total

    def has_files(self) -> bool:
        """Whether anything lies here that the store has not confirmed."""
        return any(
            os.path.lexists(folder) and any(folder.iterdir()) for folder in (self._segments, self._images)
        )


def _ends_line(file: RawIOBase) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
