"""Opening what a recording is read from: an object with or without its sidecar, or the files a recorder is writing."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import av
import av.error
import urllib3
from av.container import InputContainer

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.egress.container.boxes import read_outline
from rtcstack.egress.container.index import Index, unpack_index
from rtcstack.egress.container.remux import Source as PartSource
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.media.fetch import PART, IndexMismatch, Link
from rtcstack.media.order import Source
from rtcstack.media.piece import Piece
from rtcstack.media.range_file import ByteRange, RangeFile, Resident

_TIMEOUT: Final = urllib3.Timeout(connect=5, read=30)
_LARGEST_SIDECAR_BYTES: Final = 64 * 1024 * 1024
_HEAD_BYTES: Final = 4096
"""What a sidecar of version 1 does not carry; our files have 52 bytes before their media."""
_PORTS: Final = {"http": 80, "https": 443}
_ANYWHERE: Final = (ip_network("0.0.0.0/0"), ip_network("::/0"))
# By default libav cuts what an edit list of length 0 seems to exclude; its start is honoured either way.
_OURS: Final = {"advanced_editlist": "0", "probesize": "32"}
# A list of parts, an image or a script has no place in a bucket of recordings, and some of them name files and addresses
# that libav would open by itself.
_FOREIGN: Final = {"format_whitelist": "mov,mp4,matroska,webm,ogg,mp3,mpegts"}


class Recording:
    """Its pieces in order, and how much of it was fetched."""

    def __init__(self, pieces: Sequence[Piece], links: Sequence[Link]) -> None:
        self.pieces = pieces
        self._links = links

    @property
    def end_s(self) -> Fraction:
        return self.pieces[-1].end_s

    @property
    def bytes_read(self) -> int:
        return sum(link.bytes_read for link in self._links)

    @property
    def has_video(self) -> bool:
        return any(piece.video for piece in self.pieces)

    @property
    def has_audio(self) -> bool:
        return any(piece.audio for piece in self.pieces)


@contextmanager
def opened(source: Source) -> Iterator[Recording]:
    """Open the source for as long as the block lasts.

    Raises:
        PartUnavailable: the store does not answer, or there is no media in the files (yet).
        PartRefused: the store refuses, or libav cannot read it (`unreadable_media`).
    """
    with ExitStack() as stack:
        recording = _open_files(source.files, stack) if source.url is None else _open_object(source, stack)
        if not any(piece.streams for piece in recording.pieces):
            raise PartRefused("There is neither picture nor sound in it.", part=PART, code="unreadable_media")
        yield recording


def _open_files(files: Sequence[Path], stack: ExitStack) -> Recording:
    pieces: list[Piece] = []
    for file in files:
        media_end = _media_end(file)
        if media_end:
            container = stack.enter_context(PartSource(file, media_end).open())
            pieces.append(Piece(container, pieces[-1].end_s if pieces else Fraction(0)))
    if not pieces:
        raise PartUnavailable("There is nothing in the recording's files yet.", part="egress")
    return Recording(pieces, ())


def _media_end(file: Path) -> int:
    try:
        return read_outline(file).media_end
    except FileNotFoundError:
        raise PartUnavailable("The recording's files have left the spool.", part="egress") from None


def _open_object(source: Source, stack: ExitStack) -> Recording:
    assert source.url is not None
    link = _link(source, source.url)
    links, known = [link], None
    if source.index_url is not None:
        links.append(_link(source, source.index_url))
        known = _read_sidecar(links[1])
    container, file = _open_indexed(link, *known) if known else _open_plain(link)
    stack.enter_context(container)
    begin_s = Fraction(max(container.start_time or 0, 0), av.time_base)
    return Recording([Piece(container, -begin_s, file)], links)


def _open_indexed(link: Link, index: Index, moov: bytes | None) -> tuple[InputContainer, RangeFile]:
    link.expect(index.size_bytes)
    head = index.head or link.read_range(0, _HEAD_BYTES)
    moov = moov or link.read_range(index.moov.offset, index.moov.offset + index.moov.size)
    file = RangeFile(link, index.size_bytes, [Resident(0, head), Resident(index.moov.offset, moov)])
    # libav insists on one packet before it says what the streams are: the first picture.
    file.plan([ByteRange(first.offset, first.offset + first.size) for first in index.keyframes[:1]])
    try:
        return av.open(file, "r", format="mp4", options=_OURS), file
    except av.error.FFmpegError:
        raise IndexMismatch("The index is not of this object.", part=PART) from None


def _open_plain(link: Link) -> tuple[InputContainer, RangeFile]:
    link.read_range(0, 1)  # tells the size
    if not link.size_bytes:
        raise PartRefused("The object is empty.", part=PART, code="unreadable_media")
    file = RangeFile(link, link.size_bytes)
    return av.open(file, "r", options=_FOREIGN), file


def _read_sidecar(link: Link) -> tuple[Index, bytes | None] | None:
    """Return it with the `moov` in it; None where there is none that can be used: then the file's own index is read."""
    try:
        index = unpack_index(link.read_all(_LARGEST_SIDECAR_BYTES))
        return index, index.read_moov()
    except (PartRefused, ValueError):
        return None


def _link(source: Source, url: str) -> Link:
    is_own = _origin(url) in {_origin(own) for own in source.own_origins}
    allowed = _ANYWHERE if is_own else tuple(ip_network(text) for text in source.allow_networks)
    guard = AddressGuard(allowed, allow_loopback=source.allow_loopback)
    return Link(guarded_pool(guard, timeout=_TIMEOUT, maxsize=1), url)


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme, 0)
