"""What the spool says of one egress's segments and images: which are complete, which the store has, how they are called."""

import time
from collections.abc import Sequence
from typing import Final

from rtcstack import log
from rtcstack.egress.container import transport_stream
from rtcstack.egress.dispatcher.playlists import Listed
from rtcstack.egress.job import Span
from rtcstack.egress.ledger import OFFSET_S, Entry, Image, Segment
from rtcstack.egress.spans import read_spans, wall_ns
from rtcstack.egress.spool import Order, SpoolFolder

_logger = log.get(__name__)
_PATIENCE_S: Final = 10.0
_MS_TICKS: Final = transport_stream.TICKS_HZ // 1000
_WRAP: Final = 1 << 33
"""Time stamps run on through a part, and begin at 0 again after so many ticks, 26.5 hours."""


class SideSurvey:
    """Reads the disk; call it from one thread at a time."""

    def __init__(self, order: Order, folder: SpoolFolder) -> None:
        self._order, self._folder = order, folder
        self._ledger = folder.ledger
        self._entries: list[Entry] = []
        self._read_bytes = 0
        """So much of the ledger is among the entries: after days it is too long to be read again for each line."""
        self._known: set[int] = set()
        """The segments among them."""
        self._until_ms: dict[int, int] = {}
        """How far the segments of each part go."""
        self._spans: dict[int, tuple[Span, ...]] = {}
        self.has_mended = False
        """Whether a recorder died over a segment."""
        self._useless: set[tuple[int, int]] = set()

    def entries(self) -> list[Entry]:
        """Return all that is complete, in the order in which it became so."""
        self._read_on()
        return self._entries

    def mend(self, *, is_over: bool) -> None:
        """Complete the segments that recorders left when they died; the last part's only when it is over."""
        self._read_on()
        there = self._ledger.segments_there()
        latest = max((part for part, _ in there), default=0)
        for part, index in there:
            is_open = part == latest and not is_over
            if index not in self._known and not is_open and (part, index) not in self._useless:
                self._complete(part, index)

    def listed(self, entry: Segment) -> Listed:
        """Return the segment as playlists name it."""
        output = self._order.outputs.segments
        assert output is not None
        begins_ns = self.wall_ns(entry)
        name = output.name(entry.index, begins_ns)
        return Listed(name, entry.duration_ms, begins_ns, entry.part, entry.size_bytes, entry.index)

    def images(self, stored: Sequence[Entry]) -> list[tuple[str, int]]:
        """Return keys and wall times of the images among the entries."""
        return [(self.key(entry), self.wall_ns(entry)) for entry in stored if isinstance(entry, Image)]

    def key(self, entry: Entry) -> str:
        """Return the object's key."""
        outputs = self._order.outputs
        if isinstance(entry, Image):
            return outputs.images[entry.output].key(entry.index, self.wall_ns(entry))
        assert outputs.segments is not None
        return outputs.segments.folder + outputs.segments.name(entry.index, self.wall_ns(entry))

    def wall_ns(self, entry: Entry) -> int:
        """Return when a segment begins or an image was seen; 0 when it is not known."""
        spans = self._spans_of(entry.part)
        return wall_ns(spans, entry.begin_ms if isinstance(entry, Segment) else entry.pts_ms)

    def may_be_named(self, entry: Entry) -> bool:
        """Whether all that its name says is there: a recorder notes when its part began a moment after the first picture.

        What is not there once another recorder is at work, or after a while, never comes.
        """
        if self._spans_of(entry.part) or entry.part + 1 < self._folder.next_part():
            return True
        return time.time() - self._ledger.file(entry).stat().st_mtime > _PATIENCE_S

    def _read_on(self) -> None:
        fresh, self._read_bytes = self._ledger.read_on(self._read_bytes)
        if fresh:
            self._entries += fresh
            self._spans.clear()
        for entry in fresh:
            if isinstance(entry, Segment):
                self._known.add(entry.index)
                self._until_ms[entry.part] = entry.begin_ms + entry.duration_ms

    def _spans_of(self, part: int) -> tuple[Span, ...]:
        if not self._spans.get(part):
            self._spans[part] = read_spans(self._folder.path, part)
        return self._spans[part]

    def _complete(self, part: int, index: int) -> None:
        """Note a segment that nobody closed, by what is in it."""
        file = self._ledger.segment_file(part, index)
        found = transport_stream.span(file)
        if found is None:
            self._useless.add((part, index))
            return
        first, last = found
        begin_ms = self._unwrapped(first, part) // _MS_TICKS - OFFSET_S * 1000
        duration_ms = (last - first) // _MS_TICKS + 1000 // self._order.encoding.framerate
        size_bytes = transport_stream.cut(file)
        self.has_mended = True
        self._ledger.append(Segment(part, index, max(0, begin_ms), duration_ms, size_bytes))
        _logger.info("segment mended", egress_id=self._order.egress_id, index=index, duration_ms=duration_ms)

    def _unwrapped(self, stamp: int, part: int) -> int:
        """Return the time stamp as it would be without an end to its bits: the one next to the end of the segment before."""
        near = (self._until_ms.get(part, 0) + OFFSET_S * 1000) * _MS_TICKS
        return near + (stamp - near + _WRAP // 2) % _WRAP - _WRAP // 2


def spans_of(folder: SpoolFolder, segments: Sequence[Listed]) -> tuple[Span, ...]:
    """Return the spans of all parts, in the time of the playlist that names the segments."""
    joined: list[Span] = []
    begin_ms = 0
    for part in range(1, folder.next_part()):
        for n, span in enumerate(read_spans(folder.path, part)):
            after = "loss" if n == 0 and joined else span.after
            joined.append(Span(span.wall_ns, span.pts_ms + begin_ms, after))
        begin_ms += sum(segment.duration_ms for segment in segments if segment.part == part)
    return tuple(joined)
