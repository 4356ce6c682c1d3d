"""Pictures of a recording at keyframes alone: each costs one request and the decoding of one picture."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import av.error
from av.stream import Discard

from rtcstack.errors import Invalid, PartRefused
from rtcstack.media.fetch import PART
from rtcstack.media.opening import Recording
from rtcstack.media.piece import Piece, base_of, frame_s
from rtcstack.media.range_file import ByteRange

_TICK_S: Final = Fraction(1, 20)
_MOST_HELD: Final = 16
"""Pictures that H.264 may hold back (Annex A); more comes of an edit list that hides the beginning."""


@dataclass(frozen=True)
class Keyframe:
    """A place that decoding can begin at."""

    piece: Piece
    timestamp: int
    """When it is decoded, in the time base of the piece's pictures."""

    @property
    def time_s(self) -> Fraction:
        """When it is shown."""
        stream = self.piece.video
        assert stream is not None
        return self.piece.time_s(self.timestamp, base_of(stream)) + _held_s(stream)


def _held_s(stream: av.VideoStream) -> Fraction:
    """Return how long a picture is decoded before it is shown: an index has the former, and B frames come in between."""
    entries = stream.index_entries
    if not stream.codec_context.has_b_frames or not len(entries):
        return Fraction(0)
    held_s = ((stream.start_time or 0) - entries[0].timestamp) * base_of(stream)
    return min(max(held_s, Fraction(0)), _MOST_HELD * frame_s(stream))


def moments(recording: Recording, every_s: Fraction) -> list[Fraction]:
    """Return the multiples of an interval that lie in the recording; what is left of its last tick counts for nothing."""
    count = math.ceil((recording.end_s - _TICK_S) / every_s)
    return [number * every_s for number in range(max(count, 1))]


def nearest_keyframe(recording: Recording, time_s: Fraction) -> Keyframe:
    """Return the keyframe next to an instant.

    Raises:
        Invalid: the recording has no pictures (`no_video`).
    """
    pieces = [piece for piece in recording.pieces if piece.video]
    if not pieces:
        raise Invalid("The recording has no pictures.", code="no_video")
    found = [keyframe for piece in pieces for keyframe in _around(piece, time_s)]
    return min(found, key=lambda keyframe: abs(keyframe.time_s - time_s))


def _around(piece: Piece, time_s: Fraction) -> Iterator[Keyframe]:
    stream = piece.video
    assert stream is not None
    entries, at = stream.index_entries, piece.timestamp(time_s - _held_s(stream), stream)
    if not piece.has_samples:
        yield Keyframe(piece, max(at, 0))
        return
    for backward in (True, False):
        number = entries.search_timestamp(at, backward=backward)
        if number >= 0:
            yield Keyframe(piece, entries[number].timestamp)


def decoded(keyframes: Sequence[Keyframe]) -> Iterator[tuple[Keyframe, av.VideoFrame]]:
    """Fetch and decode these keyframes, each by itself; one that cannot be decoded is left out.

    Raises:
        PartRefused: none of them can be (`unreadable_media`).
    """
    _plan(keyframes)
    count = 0
    for keyframe in keyframes:
        if frame := _decode(keyframe):
            count += 1
            yield keyframe, frame
    if not count:
        raise PartRefused("No picture can be decoded.", part=PART, code="unreadable_media")


def _plan(keyframes: Sequence[Keyframe]) -> None:
    for piece in {keyframe.piece for keyframe in keyframes}:
        places = [_place(keyframe) for keyframe in keyframes if keyframe.piece is piece]
        if piece.file and all(places):
            piece.file.plan(
                [ByteRange(offset, offset + size) for offset, size in sorted(filter(None, places))]
            )


def _place(keyframe: Keyframe) -> tuple[int, int] | None:
    stream = keyframe.piece.video
    assert stream is not None
    entries = stream.index_entries
    number = entries.search_timestamp(keyframe.timestamp) if keyframe.piece.has_samples else -1
    return (entries[number].pos, entries[number].size) if number >= 0 else None


def _decode(keyframe: Keyframe) -> av.VideoFrame | None:
    piece, stream = keyframe.piece, keyframe.piece.video
    assert stream is not None
    if piece.audio:
        piece.audio.discard = Discard.all
    shown = keyframe.timestamp + round(_held_s(stream) / base_of(stream))
    piece.container.seek(shown, stream=stream)  # libav seeks by when a picture is shown
    packet = next(iter(piece.container.demux(stream)))
    try:
        frames = [*packet.decode(), *stream.decode(None)]
    except av.error.InvalidDataError:
        frames = []
    stream.codec_context.flush_buffers()
    return frames[0] if frames else None
