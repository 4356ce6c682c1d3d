"""Segments of MPEG transport stream, cut at keyframes that stand on their grid.

Time stamps run on from segment to segment, so that no sample is missing or doubled at a joint. Sound comes 0.3 s after its
pictures: around a joint two segments are open, and the older one is closed when its sound is complete.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from rtcstack.egress.ledger import OFFSET_S, Ledger, Segment
from rtcstack.egress.recorder.muxers import Container, Packet, Source

_TS: Final = {
    "avoid_negative_ts": "disabled",
    "output_ts_offset": str(OFFSET_S),
    # Each segment counts its packets anew.
    "mpegts_flags": "initial_discontinuity",
    "flush_packets": "1",
}


@dataclass(slots=True)
class _Open:
    container: Container
    index: int
    begin_s: float
    end_s: float


def _length_s(packet: Packet, source: Source) -> float:
    """Return how long a packet's picture or sound takes; of pictures not every packet says so."""
    if packet.duration:
        return float(packet.duration * packet.time_base)
    return (
        float(1 / source.average_rate) if isinstance(source, av.VideoStream) and source.average_rate else 0.0
    )


class Segments:
    """A muxer (`muxers.py`). Pictures, or sound if there are none, decide where a segment ends."""

    def __init__(self, ledger: Ledger, part: int, duration_s: int, sources: Sequence[Source]) -> None:
        self._ledger, self._part, self._duration_s = ledger, part, duration_s
        self._sources = sources
        self._leader = sources[0]
        self._open: list[_Open] = []
        self._next = ledger.next_segment()
        self._unsynced: set[Path] = set()

    def write(self, packet: Packet, source: Source) -> None:
        assert packet.pts is not None
        at_s = float(packet.pts * packet.time_base)
        if not self._open:
            self._begin(max(at_s, 0.0))
        if source is self._leader:
            if packet.is_keyframe and at_s >= self._boundary_s:
                self._begin(at_s)
            segment = self._open[-1]
            segment.end_s = max(segment.end_s, at_s + _length_s(packet, source))
        if source is not self._leader or len(self._sources) == 1:
            while len(self._open) > 1 and at_s >= self._open[1].begin_s:
                self._close_oldest()
            segment = self._open[0]
        self._unsynced.add(segment.container.file)
        segment.container.write(packet, source)

    def close(self) -> None:
        while self._open:
            self._close_oldest()

    def written(self) -> Iterable[Path]:
        """Another thread may add to them meanwhile."""
        return [self._unsynced.pop() for _ in range(len(self._unsynced))]

    @property
    def _boundary_s(self) -> float:
        """The first point of the grid behind the begin of the latest segment."""
        return (int(self._open[-1].begin_s // self._duration_s) + 1) * self._duration_s

    def _begin(self, at_s: float) -> None:
        file = self._ledger.segment_file(self._part, self._next)
        self._open.append(_Open(Container(file, "mpegts", _TS, self._sources), self._next, at_s, at_s))
        self._next += 1

    def _close_oldest(self) -> None:
        segment = self._open.pop(0)
        segment.container.close()
        end_s = self._open[0].begin_s if self._open else segment.end_s
        self._ledger.append(
            Segment(
                part=self._part,
                index=segment.index,
                begin_ms=round(segment.begin_s * 1000),
                duration_ms=round((end_s - segment.begin_s) * 1000),
                size_bytes=segment.container.file.stat().st_size,
            )
        )
