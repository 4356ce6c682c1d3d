"""The sidecar index: enough to fetch any few seconds of a recording by range requests.

`{file}.index.json.gz` holds, besides what the file is, where its index (`moov`) and each stream's sample table lie, and
for every keyframe its time and its place. A reader fetches the head and `moov`, or only the ranges it needs.
"""

import gzip
import os
import zlib
from pathlib import Path
from typing import Final

import av
import msgspec

from rtcstack.egress.container.boxes import Box, find, read_boxes, read_outline
from rtcstack.egress.container.streams import StreamInfo, describe
from rtcstack.egress.job import Span

VERSION: Final = 1


class Range(msgspec.Struct, frozen=True):
    offset: int
    size: int


class Keyframe(msgspec.Struct, frozen=True, array_like=True):
    """One picture that decoding can begin at."""

    pts_ms: int
    offset: int
    size: int


class Index(msgspec.Struct, frozen=True):
    """The content of the sidecar; readers refuse versions that they do not know."""

    version: int
    size_bytes: int
    duration_ms: int
    moov: Range
    sample_tables: tuple[Range, ...]
    """Each stream's `stbl`, in the order of `streams`."""
    streams: tuple[StreamInfo, ...]
    keyframes: tuple[Keyframe, ...]
    spans: tuple[Span, ...]


def index_path(file: Path) -> Path:
    return file.with_name(f"{file.name}.index.json.gz")


def _range(box: Box) -> Range:
    return Range(box.offset, box.size)


def _tables(path: Path) -> tuple[Range, tuple[Range, ...]]:
    moov = next(box for box in read_outline(path).boxes if box.kind == "moov")
    with path.open("rb") as file:
        tracks = [box for box in read_boxes(file, *moov.body) if box.kind == "trak"]
        found = [find(file, track, "mdia", "minf", "stbl") for track in tracks]
    return _range(moov), tuple(_range(table) for table in found if table)


def _keyframes(stream: av.VideoStream) -> tuple[Keyframe, ...]:
    base = stream.time_base
    assert base is not None
    entries = (entry for entry in stream.index_entries if entry.is_keyframe)
    return tuple(Keyframe(round(e.timestamp * base * 1000), e.pos, e.size) for e in entries)


def build_index(path: Path, spans: tuple[Span, ...]) -> Index:
    """Describe an intact MP4. Reads its index, not its media."""
    moov, tables = _tables(path)
    with av.open(str(path)) as container:
        streams = tuple(describe(stream) for stream in container.streams)
        keyframes = tuple(k for stream in container.streams.video for k in _keyframes(stream))
        duration_ms = (container.duration or 0) // 1000
    return Index(VERSION, path.stat().st_size, duration_ms, moov, tables, streams, keyframes, spans)


def write_index(file: Path, index: Index) -> Path:
    """Write the sidecar of `file` at once and for good; return where it lies."""
    target = index_path(file)
    draft = target.with_suffix(".draft")
    with draft.open("wb") as out:
        # No time stamp: the same recording gives the same bytes.
        out.write(gzip.compress(msgspec.json.encode(index), mtime=0))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)
    return target


def read_index(path: Path) -> Index:
    """Read a sidecar.

    Raises:
        ValueError: it is damaged or of another version.
    """
    try:
        index = msgspec.json.decode(gzip.decompress(path.read_bytes()), type=Index)
    except (EOFError, gzip.BadGzipFile, zlib.error, msgspec.DecodeError) as e:
        raise ValueError(f"{path}: not an index: {e}") from e
    if index.version != VERSION:
        raise ValueError(f"{path}: version {index.version}, this program reads {VERSION}")
    return index
