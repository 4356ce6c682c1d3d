"""A clip whose pictures and sound are all encoded anew: exact for every source that can be decoded."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from rtcstack.media.ahead import ahead
from rtcstack.media.clip_file import PictureEncoder, SoundEncoder, open_clip
from rtcstack.media.packets import packets
from rtcstack.media.piece import Piece, Stream, base_of, decode_on_all_cores, frame_s
from rtcstack.media.trim import PictureTrim, SoundTrim

_PATIENCE_S: Final = 5
"""So much sound is held until the first picture says where the clip begins: no file interleaves them worse."""
_STEPS_AHEAD: Final = 16
"""So many packets are decoded while the pictures before them are encoded: each of them is a picture at most."""


class _Pictures:
    def __init__(self, encoder: PictureEncoder, trim: PictureTrim[av.VideoFrame]) -> None:
        self._encoder = encoder
        self.trim = trim
        self.last_s = Fraction(0)

    def offer(self, time_s: Fraction, frame: av.VideoFrame) -> None:
        for at_s, picture in self.trim.offer(time_s, frame):
            self.last_s = at_s
            self._encoder.write(at_s, picture)

    def settle(self) -> None:
        """Wait no longer for a picture at the beginning."""
        for at_s, picture in self.trim.finish():
            self._encoder.write(at_s, picture)

    def finish(self) -> None:
        self.settle()
        self._encoder.finish()


class _Sounds:
    def __init__(self, encoder: SoundEncoder) -> None:
        self._encoder = encoder
        self._trim = SoundTrim(encoder.rate_hz)

    def begin(self, origin_s: Fraction, end_s: Fraction) -> None:
        self._encoder.write(self._trim.begin(origin_s, end_s))

    def offer(self, time_s: Fraction, frame: av.AudioFrame) -> None:
        for samples in self._encoder.samples(frame):
            self._encoder.write(self._trim.offer(time_s, samples))

    def finish(self) -> None:
        self._encoder.finish()


class _Reencoding:
    def __init__(self, clip: Any, pieces: Sequence[Piece], begin_s: Fraction, end_s: Fraction) -> None:
        video = next((piece.video for piece in pieces if piece.video), None)
        audio = next((piece.audio for piece in pieces if piece.audio), None)
        self._span = begin_s, end_s
        self._pictures = None
        if video:
            trim = PictureTrim[av.VideoFrame](begin_s, end_s, frame_s(video))
            self._pictures = _Pictures(PictureEncoder(clip, video), trim)
        self._sounds = _Sounds(SoundEncoder(clip, audio)) if audio else None

    def take(self, piece: Piece, stream: Stream, frames: Sequence[Any]) -> None:
        for frame in frames:
            if frame.pts is None:
                continue
            time_s = piece.time_s(frame.pts, base_of(stream))
            if isinstance(frame, av.VideoFrame):
                self._picture(time_s, frame)
            else:
                self._sound(time_s, frame)

    def _picture(self, time_s: Fraction, frame: av.VideoFrame) -> None:
        if self._pictures:
            self._pictures.offer(time_s, frame)
            self._begin_sound()

    def _sound(self, time_s: Fraction, frame: av.AudioFrame) -> None:
        if self._sounds:
            if self._pictures is None:
                self._sounds.begin(*self._span)
            elif time_s > self._span[0] + _PATIENCE_S:
                self._pictures.settle()
                self._begin_sound()
            self._sounds.offer(time_s, frame)

    def _begin_sound(self) -> None:
        """The first picture says where the clip's time begins."""
        if self._sounds and self._pictures:
            trim = self._pictures.trim
            if trim.origin_s is not None and trim.end_s is not None:
                self._sounds.begin(trim.origin_s, trim.end_s)

    def finish(self) -> None:
        if self._pictures:
            self._pictures.finish()
            self._begin_sound()
        if self._sounds:
            self._sounds.finish()

    @property
    def done_s(self) -> Fraction:
        return self._pictures.last_s if self._pictures else Fraction(0)


def reencode(
    pieces: Sequence[Piece],
    begin_s: Fraction,
    end_s: Fraction,
    out: Path,
    on_progress: Callable[[float], None],
) -> None:
    """Write [begin_s, end_s) of the pieces that cover it to `out`."""
    with open_clip(out) as clip:
        work = _Reencoding(clip, pieces, begin_s, end_s)
        for piece in pieces:
            with ahead(_decoded(piece, begin_s, end_s), _STEPS_AHEAD) as decoded:
                for stream, frames in decoded:
                    work.take(piece, stream, frames)
                    on_progress(float(work.done_s / (end_s - begin_s)))
        work.finish()


def _decoded(piece: Piece, begin_s: Fraction, end_s: Fraction) -> Iterator[tuple[Stream, Sequence[Any]]]:
    """Yield the frames that each packet gives, and what the decoders still hold at the end."""
    decode_on_all_cores(piece)
    for packet in packets(piece, begin_s, end_s):
        yield packet.stream, packet.decode()
    for stream in piece.streams:
        yield stream, stream.decode(None)
