"""Sound that is copied into a clip packet by packet and still begins and ends at the very sample.

An edit list says at which sample of the first packet the clip begins (the packet before is kept too: AAC's windows
overlap, without it the first samples would not be whole), the last packet's duration says where it ends.
"""

from fractions import Fraction

import av
from av.container import OutputContainer

from rtcstack.media.h264 import Disagreement
from rtcstack.media.packets import Packet
from rtcstack.media.piece import Piece, base_of


class CopiedSound:
    """Raises `Disagreement` where the sound is no AAC."""

    def __init__(self, clip: OutputContainer, piece: Piece, source: av.AudioStream) -> None:
        if source.codec_context.name != "aac":
            raise Disagreement("the sound is no AAC")
        self._clip = clip
        self._piece = piece
        self._base = base_of(source)
        self._stream = clip.add_stream_from_template(source)
        self._waiting: list[Packet] = []
        self._span: tuple[Fraction, Fraction] | None = None

    def begin(self, origin_s: Fraction, end_s: Fraction) -> None:
        """Say where the clip begins and ends in the recording; what was taken before had to wait for it."""
        if self._span is None:
            self._span = origin_s, end_s
            for packet in self._waiting:
                self.take(packet)
            self._waiting.clear()

    def take(self, packet: Packet) -> None:
        if self._span is None:
            self._waiting.append(packet)
            return
        begin = round((self._piece.pts_s(packet) - self._span[0]) / self._base)
        end = round((self._span[1] - self._span[0]) / self._base)
        if not packet.duration or begin >= end or begin <= -2 * packet.duration:
            return
        packet.duration = min(packet.duration, end - begin)
        packet.pts = packet.dts = begin
        packet.stream = self._stream
        self._clip.mux(packet)
