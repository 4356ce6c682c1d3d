"""Writing one ordinary MP4 from what recorders left, by copying packets: nothing is decoded, little is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer

from rtcstack.errors import Internal

# By default libav cuts what an edit list of length 0 seems to exclude; its start is honoured either way.
_READ = {"advanced_editlist": "0"}


@dataclass(frozen=True, slots=True)
class Source:
    """A part, up to the end of its last whole fragment."""

    path: Path
    media_end: int

    def open(self) -> InputContainer:
        return av.open(f"subfile,,start,0,end,{self.media_end},,:{self.path}", format="mp4", options=_READ)


class PartsDiffer(Internal):
    """Parts of one recording whose decoders need different configurations cannot be joined by copy."""

    code = "parts_differ"


def _signature(part: InputContainer) -> list[tuple[str, str, bytes | None]]:
    return [(s.type, s.codec_context.name, s.codec_context.extradata) for s in part.streams]


class _Joiner:
    """Copies part after part, each where the longest stream of the one before ended."""

    def __init__(self, out: OutputContainer, first: InputContainer) -> None:
        self._out = out
        self._signature = _signature(first)
        self._streams = [out.add_stream_from_template(stream) for stream in first.streams]
        self._last_dts: dict[int, Fraction] = {}
        self.offset = Fraction(0)

    def copy(self, part: InputContainer) -> None:
        if _signature(part) != self._signature:
            raise PartsDiffer(f"{part.name} was encoded with other parameters than the part before it")
        end = self.offset
        for packet in part.demux():
            if packet.dts is not None:
                end = max(end, self._copy(packet))
        self.offset = end

    def _copy(self, packet: "av.Packet[Any]") -> Fraction:
        base = packet.time_base
        assert packet.dts is not None
        at = self.offset + packet.dts * base
        target = self._streams[packet.stream_index]
        # A later part begins with the encoder's own lead-in, which would lie over the end of the part before.
        if at <= self._last_dts.get(packet.stream_index, at - 1):
            return at
        self._last_dts[packet.stream_index] = at
        shift = round(self.offset / base)
        packet.dts += shift
        packet.pts = packet.dts if packet.pts is None else packet.pts + shift
        packet.stream = target
        self._out.mux(packet)
        return at + (packet.duration or 0) * base


def join(sources: Sequence[Source], out: Path, form: str = "mp4") -> list[int]:
    """Write the parts behind each other into `out`, an MP4 or an OGG; return where each begins, in milliseconds.

    Raises:
        PartsDiffer: their parameters do not agree.
        OSError: reading or writing failed (libav's errors are OSErrors too).
    """
    begins = []
    options = {"use_editlist": "1"} if form == "mp4" else {}
    with av.open(str(out), "w", format=form, options=options) as target:
        joiner: _Joiner | None = None
        for source in sources:
            with source.open() as part:
                joiner = joiner or _Joiner(target, part)
                begins.append(round(joiner.offset * 1000))
                joiner.copy(part)
    return begins
