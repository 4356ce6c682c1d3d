"""Which samples of a file a range of time needs, and which bytes those are: from the file's index, without its media."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av

from rtcstack.media.piece import Piece, Stream, base_of, frame_s
from rtcstack.media.range_file import ByteRange

_NEAR_BYTES: Final = 64 * 1024
"""Samples nearer to each other are fetched together: libav reads such gaps anyway, and a request costs more."""
_PRE_ROLL: Final = 2
"""Sound packets before the first one: AAC's windows overlap by one, its first output is not whole."""
_SEEK_BACK: Final = 1
"""libav's seek begins so many sound packets before the one that it is told."""
_REORDERING_S: Final = Fraction(1)
"""How far decoding order may run ahead of the order shown, where there are B frames."""


@dataclass(frozen=True)
class Wanted:
    keyframe_ts: int | None
    """Where decoding pictures begins, in the video stream's time base."""
    sound_ts: int | None
    """Where sound begins, its pre-roll included."""
    last_ts: dict[int, int]
    """By stream index the decoding time of the last sample that is needed."""
    ranges: tuple[ByteRange, ...]


def find_wanted(piece: Piece, begin_s: Fraction, end_s: Fraction) -> Wanted | None:
    """Return what showing [begin_s, end_s) needs, from the keyframe on; None if the file has no index."""
    video, audio = piece.video, piece.audio
    if not piece.has_samples:
        return None
    samples: dict[int, range] = {}
    sound_begin_s, sound_end_s, keyframe_ts, sound_ts = begin_s, end_s, None, None
    if video:
        margin_s = _REORDERING_S if video.codec_context.has_b_frames else Fraction(0)
        found = samples[video.index] = _pictures(piece, video, begin_s - margin_s, end_s + margin_s)
        keyframe_ts = video.index_entries[found.start].timestamp
        sound_begin_s = min(begin_s, piece.time_s(keyframe_ts, base_of(video)))
        sound_end_s = end_s + frame_s(video)  # to where the last picture ends
    if audio:
        found = samples[audio.index] = _sounds(piece, audio, sound_begin_s, sound_end_s)
        sound_ts = audio.index_entries[min(found.start + _SEEK_BACK, found[-1])].timestamp
    entries = {index: piece.container.streams[index].index_entries for index in samples}
    places = [(entries[i][n].pos, entries[i][n].size) for i, numbers in samples.items() for n in numbers]
    last_ts = {i: entries[i][numbers[-1]].timestamp for i, numbers in samples.items()}
    return Wanted(keyframe_ts, sound_ts, last_ts, merged(places))


def merged(places: Iterable[tuple[int, int]]) -> tuple[ByteRange, ...]:
    """Join samples (offset, size) that lie near each other into ranges, in order."""
    ranges: list[ByteRange] = []
    for offset, size in sorted(places):
        if ranges and offset - ranges[-1].end <= _NEAR_BYTES:
            ranges[-1] = ByteRange(ranges[-1].begin, max(ranges[-1].end, offset + size))
        else:
            ranges.append(ByteRange(offset, offset + size))
    return tuple(ranges)


def _pictures(piece: Piece, stream: av.VideoStream, begin_s: Fraction, end_s: Fraction) -> range:
    entries = stream.index_entries
    first = max(entries.search_timestamp(piece.timestamp(begin_s, stream)), 0)
    return _up_to(piece, stream, first, end_s)


def _sounds(piece: Piece, stream: av.AudioStream, begin_s: Fraction, end_s: Fraction) -> range:
    at = stream.index_entries.search_timestamp(piece.timestamp(begin_s, stream), any_frame=True)
    return _up_to(piece, stream, max(at - _PRE_ROLL - _SEEK_BACK, 0), end_s)


def _up_to(piece: Piece, stream: Stream, first: int, end_s: Fraction) -> range:
    entries = stream.index_entries
    end = entries.search_timestamp(piece.timestamp(end_s, stream), backward=False, any_frame=True)
    return range(first, max(end, first + 1) if end >= 0 else len(entries))
