"""Walking the boxes of an MP4 file (ISO/IEC 14496-12, 4.2) by their headers; nothing else is read."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Box:
    kind: str
    offset: int
    size: int
    header: int

    @property
    def end(self) -> int:
        return self.offset + self.size

    @property
    def body(self) -> tuple[int, int]:
        """First byte of the content, and the one after its last."""
        return self.offset + self.header, self.end


def read_boxes(file: BinaryIO, begin: int, end: int) -> Iterator[Box]:
    """Yield the whole boxes between two offsets, in order; stop at the first that is torn or no box at all."""
    while end - begin >= _HEADER.size:
        file.seek(begin)
        size, kind = _HEADER.unpack(file.read(_HEADER.size))
        header = _HEADER.size
        if size == 1 and end - begin >= header + _LARGE.size:
            (size,) = _LARGE.unpack(file.read(_LARGE.size))
            header += _LARGE.size
        elif size == 0:
            size = end - begin
        if size < header or begin + size > end:
            return
        yield Box(kind.decode("latin-1"), begin, size, header)
        begin += size


def find(file: BinaryIO, parent: Box, *path: str) -> Box | None:
    """Return the first box under `parent` along a path of kinds, such as `mdia`, `minf`, `stbl`."""
    for kind in path:
        child = next((box for box in read_boxes(file, *parent.body) if box.kind == kind), None)
        if child is None:
            return None
        parent = child
    return parent


@dataclass(frozen=True, slots=True)
class Outline:
    """What the top level of a file says about it."""

    size_bytes: int
    boxes: tuple[Box, ...]
    is_intact: bool
    """Closed in order: one index that needs no fragments, and nothing torn behind it."""

    @property
    def media_end(self) -> int:
        """Offset behind the last whole piece of media that an index belongs to; 0 if there is none."""
        end, indexed = 0, False
        for box in self.boxes:
            if box.kind in {"moov", "moof"}:
                indexed = True
            elif box.kind == "mdat" and indexed:
                end = box.end
        return self.size_bytes if self.is_intact else end


def read_outline(path: Path) -> Outline:
    """Read the top-level boxes of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size_bytes = file.seek(0, 2)
        boxes = tuple(read_boxes(file, 0, size_bytes))
        indexes = [box for box in boxes if box.kind == "moov"]
        is_whole = bool(boxes) and boxes[-1].end == size_bytes
        is_plain = len(indexes) == 1 and find(file, indexes[0], "mvex") is None
        has_fragments = any(box.kind == "moof" for box in boxes)
        has_media = any(box.kind == "mdat" for box in boxes)
        return Outline(size_bytes, boxes, is_whole and is_plain and has_media and not has_fragments)
