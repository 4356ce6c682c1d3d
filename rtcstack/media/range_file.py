"""An object in a store as a file that libav can read and seek in, of which only what is needed is fetched."""

import bisect
import io
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from rtcstack.media.fetch import Link

WINDOW_BYTES: Final = 4 * 1024 * 1024
"""One request inside a planned range."""
_BLOCK_BYTES: Final = 32 * 1024
"""One request where nothing is planned; twice as much with each that follows the one before, up to a window."""
_CACHE_BYTES: Final = 24 * 1024 * 1024


class ByteRange(NamedTuple):
    begin: int
    end: int
    """The first byte that does not belong to it."""


class Resident(NamedTuple):
    """Bytes of the object that are known without asking for them."""

    begin: int
    data: bytes

    @property
    def end(self) -> int:
        return self.begin + len(self.data)


class RangeFile:
    """Reads from what is resident, then from a small cache, then by closed ranges over the link.

    Where nothing is planned it is read in blocks, small ones to begin with, wherever libav looks.
    """

    name: Final = "object"

    def __init__(self, link: Link, size_bytes: int, resident: Sequence[Resident] = ()) -> None:
        self._link = link
        self._size_bytes = size_bytes
        self._resident = tuple(resident)
        self._planned: tuple[ByteRange, ...] = ()
        self._position = 0
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._block_bytes = _BLOCK_BYTES
        self._last_end = -1

    def plan(self, ranges: Sequence[ByteRange]) -> None:
        """Fetch within these ranges, in order and apart from each other, by large requests that stay inside of them."""
        self._planned = tuple(ranges)

    def read(self, size: int) -> bytes:
        """Return at least one byte unless the file ends here."""
        data = self._read_at(self._position, size)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def _read_at(self, position: int, size: int) -> bytes:
        for part in self._resident:
            if part.begin <= position < part.end:
                return part.data[position - part.begin : position - part.begin + size]
        if position >= self._size_bytes or size <= 0:
            return b""
        begin, block = self._block_at(position)
        return block[position - begin : position - begin + size]

    def _block_at(self, position: int) -> tuple[int, bytes]:
        for begin in reversed(self._cache):
            if begin <= position < begin + len(self._cache[begin]):
                self._cache.move_to_end(begin)
                return begin, self._cache[begin]
        wanted = self._window(position)
        block = self._cache[wanted.begin] = self._link.read_range(*wanted)
        while sum(map(len, self._cache.values())) > _CACHE_BYTES and len(self._cache) > 1:
            self._cache.popitem(last=False)
        return wanted.begin, block

    def _window(self, position: int) -> ByteRange:
        at = bisect.bisect_right(self._planned, position, key=lambda planned: planned.begin)
        if at and position < self._planned[at - 1].end:
            begin, end = self._planned[at - 1]
            # On a grid, so that a step back to a sound beside a picture is never fetched twice.
            begin += (position - begin) // WINDOW_BYTES * WINDOW_BYTES
            return ByteRange(begin, min(begin + WINDOW_BYTES, end))
        follows = position == self._last_end
        self._block_bytes = min(2 * self._block_bytes, WINDOW_BYTES) if follows else _BLOCK_BYTES
        end = self._planned[at].begin if at < len(self._planned) else self._size_bytes
        self._last_end = min(position + self._block_bytes, end)
        return ByteRange(position, self._last_end)
