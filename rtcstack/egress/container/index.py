"""The sidecar index: enough to fetch any few seconds of a recording by range requests.

`{file}.index.json.gz` holds, besides what the file is, the file's own index (`moov`) and what stands before its media,
so that a reader fetches nothing but media; and for every keyframe its time and its place. Version 1 only said where
`moov` lies, its readers fetch that.
"""

import os
import zlib
from pathlib import Path
from typing import Final

import av
import msgspec

from rtcstack.egress.container.boxes import Box, find, read_boxes, read_outline
from rtcstack.egress.container.stream_info import StreamInfo
from rtcstack.egress.container.streams import describe
from rtcstack.egress.job import Span

VERSION: Final = 2
_READABLE: Final = frozenset({1, 2})
_LARGEST_BYTES: Final = 256 * 1024 * 1024
"""What a sidecar may unpack to: `moov` grows by 1.3 MB an hour."""
_GZIP: Final = 16 + zlib.MAX_WBITS


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
    head: bytes = b""
    """Since version 2: the file's bytes from 0 up to where its media begins."""
    moov_deflated: bytes = b""
    """Since version 2: the file's bytes in the range `moov`, as a zlib stream."""

    def read_moov(self) -> bytes | None:
        """Return the bytes of `moov`, or None in a version that does not carry them.

        Raises:
            ValueError: they are damaged.
        """
        if not self.moov_deflated:
            return None
        moov = _inflate(self.moov_deflated, zlib.MAX_WBITS)
        if len(moov) != self.moov.size:
            raise ValueError(f"the index carries {len(moov)} bytes of moov, which has {self.moov.size}")
        return moov


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
    assert stream.time_base is not None
    ms = stream.time_base * 1000
    entries = (entry for entry in stream.index_entries if entry.is_keyframe)
    return tuple(Keyframe(round(e.timestamp * ms.numerator / ms.denominator), e.pos, e.size) for e in entries)


def _inflate(data: bytes, wbits: int) -> bytes:
    """Raises `ValueError`: it is no such stream, torn, or too large."""
    stream = zlib.decompressobj(wbits)
    try:
        whole = stream.decompress(data, _LARGEST_BYTES)
    except zlib.error as e:
        raise ValueError(str(e)) from e
    if not stream.eof:
        raise ValueError(f"torn, or larger than {_LARGEST_BYTES} bytes")
    return whole


def _content(path: Path, moov: Range) -> tuple[bytes, bytes]:
    """Return what stands before the media, and `moov`."""
    media = next((box for box in read_outline(path).boxes if box.kind == "mdat"), None)
    with path.open("rb") as file:
        head = file.read(media.body[0] if media else 0)
        file.seek(moov.offset)
        return head, file.read(moov.size)


def build_index(path: Path, spans: tuple[Span, ...]) -> Index:
    """Describe an intact MP4. Reads its index, not its media."""
    moov, tables = _tables(path)
    head, content = _content(path, moov)
    with av.open(str(path)) as container:
        streams = tuple(describe(stream) for stream in container.streams)
        keyframes = tuple(k for stream in container.streams.video for k in _keyframes(stream))
        duration_ms = (container.duration or 0) // 1000
    return Index(
        version=VERSION,
        size_bytes=path.stat().st_size,
        duration_ms=duration_ms,
        moov=moov,
        sample_tables=tables,
        streams=streams,
        keyframes=keyframes,
        spans=spans,
        head=head,
        moov_deflated=zlib.compress(content),
    )


def pack_index(index: Index) -> bytes:
    """Return the sidecar's bytes; the same recording gives the same ones."""
    packer = zlib.compressobj(wbits=_GZIP)  # writes no time stamp
    return packer.compress(msgspec.json.encode(index)) + packer.flush()


def write_index(file: Path, index: Index) -> Path:
    """Write the sidecar of `file` at once and for good; return where it lies."""
    target = index_path(file)
    draft = target.with_suffix(".draft")
    with draft.open("wb") as out:
        out.write(pack_index(index))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)
    return target


def unpack_index(data: bytes) -> Index:
    """Read a sidecar's bytes.

    Raises:
        ValueError: they are damaged or of a version that this program does not know.
    """
    try:
        index = msgspec.json.decode(_inflate(data, _GZIP), type=Index)
    except (ValueError, msgspec.DecodeError) as e:
        raise ValueError(f"not an index: {e}") from e
    if index.version not in _READABLE:
        raise ValueError(f"version {index.version}, this program reads 1 and {VERSION}")
    return index
