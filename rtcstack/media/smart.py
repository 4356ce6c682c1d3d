"""A clip of which only the pictures before the first keyframe in it are encoded anew; the rest is copied.

This needs pictures without B frames, so that a copy may end at any of them, and an encoder that agrees with the one of
the recording (h264.py).
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.video.frame import PictureType

from rtcstack.media.clip_file import open_clip
from rtcstack.media.copied_sound import CopiedSound
from rtcstack.media.h264 import Disagreement, HeadEncoder
from rtcstack.media.packets import Packet, packets
from rtcstack.media.piece import Piece, base_of, decode_on_all_cores, frame_s
from rtcstack.media.trim import PictureTrim


class _Pictures:
    def __init__(
        self, clip: OutputContainer, piece: Piece, source: av.VideoStream, begin_s: Fraction, end_s: Fraction
    ) -> None:
        self._clip = clip
        self._piece = piece
        self._source = source
        self._head: HeadEncoder | None = HeadEncoder(source)
        self._stream = clip.add_stream_from_template(source)
        self._frame_s = frame_s(source)
        self.trim = PictureTrim[Any](begin_s, end_s, self._frame_s)

    def take(self, packet: Packet) -> None:
        if packet.pts != packet.dts:
            raise Disagreement("pictures are stored in another order than shown")
        time_s = self._piece.pts_s(packet)
        if packet.is_keyframe and time_s >= self.trim.first_s:
            self._finish_head()
        if self._head:
            self._encode(self._head, packet.decode())
        else:
            self._copy(time_s, packet)

    def finish(self) -> None:
        if self._head:
            self._encode(self._head, self._source.decode(None))
            for at_s, picture in self.trim.finish():
                self._write(self._head, at_s, picture)
            self._mux(self._head.encode(None))

    def _finish_head(self) -> None:
        if self._head:
            self._encode(self._head, self._source.decode(None))
            self._mux(self._head.encode(None))
            self._head = None

    def _encode(self, head: HeadEncoder, frames: Iterable[av.VideoFrame]) -> None:
        for frame in frames:
            if frame.pts is not None:
                time_s = self._piece.time_s(frame.pts, base_of(self._source))
                for at_s, picture in self.trim.offer(time_s, frame):
                    self._write(head, at_s, picture)

    def _write(self, head: HeadEncoder, at_s: Fraction, frame: av.VideoFrame) -> None:
        frame.pts, frame.time_base = round(at_s / self._frame_s), self._frame_s
        frame.duration, frame.pict_type = 1, PictureType.NONE
        self._mux(head.encode(frame))

    def _copy(self, time_s: Fraction, packet: Packet) -> None:
        for at_s, copied in self.trim.offer(time_s, packet):
            if copied is not packet:
                raise Disagreement("the picture that stands at the beginning is not encoded")
            packet.pts = packet.dts = round(at_s / packet.time_base)
            self._mux([packet])

    def _mux(self, made: Iterable[Packet]) -> None:
        for packet in made:
            packet.stream = self._stream
            self._clip.mux(packet)


class _Smart:
    def __init__(self, clip: OutputContainer, piece: Piece, begin_s: Fraction, end_s: Fraction) -> None:
        video, audio = piece.video, piece.audio
        self._span = begin_s, end_s
        self._pictures = _Pictures(clip, piece, video, begin_s, end_s) if video else None
        self._sound = CopiedSound(clip, piece, audio) if audio else None
        if self._sound and not self._pictures:
            self._sound.begin(begin_s, end_s)

    def take(self, packet: Packet) -> None:
        if isinstance(packet.stream, av.VideoStream):
            if self._pictures:
                self._pictures.take(packet)
                self._begin_sound(self._pictures.trim)
        elif self._sound:
            self._sound.take(packet)

    def finish(self) -> None:
        if self._pictures:
            self._pictures.finish()
            self._begin_sound(self._pictures.trim)

    def _begin_sound(self, trim: PictureTrim[Any]) -> None:
        if self._sound and trim.origin_s is not None and trim.end_s is not None:
            self._sound.begin(trim.origin_s, trim.end_s)


def smart_cut(
    piece: Piece, begin_s: Fraction, end_s: Fraction, out: Path, on_progress: Callable[[float], None]
) -> None:
    """Write [begin_s, end_s) of the piece to `out`.

    Raises:
        Disagreement: this recording's clips have to be encoded as a whole; what lies at `out` is of no use.
    """
    decode_on_all_cores(piece)
    with open_clip(out) as clip:
        work = _Smart(clip, piece, begin_s, end_s)
        for packet in packets(piece, begin_s, end_s):
            at_s = piece.pts_s(packet)
            work.take(packet)
            on_progress(float((at_s - begin_s) / (end_s - begin_s)))
        work.finish()
