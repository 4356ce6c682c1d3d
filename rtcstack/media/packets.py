"""The packets that a range of time needs, from the keyframe before it on, with nothing read beyond them."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, TypeAlias

import av
from av.stream import Discard

from rtcstack.media.piece import Piece
from rtcstack.media.wanted import Wanted, find_wanted

Packet: TypeAlias = "av.Packet[Any]"

_SKEW_S: Final = Fraction(5)
"""In a file without an index: how far behind the pictures a sound may lie that is still waited for."""


def packets(piece: Piece, begin_s: Fraction, end_s: Fraction) -> Iterator[Packet]:
    """Yield the packets of the first video and audio stream in the file's order, sound with its pre-roll first."""
    wanted = find_wanted(piece, begin_s, end_s)
    if wanted is None:
        yield from _without_index(piece, begin_s, end_s)
        return
    if piece.file:
        piece.file.plan(wanted.ranges)
    pre_roll = list(_pre_roll(piece, wanted))
    _seek(piece, wanted)  # empties the decoders: nothing may be decoded before
    yield from pre_roll
    yield from _main(piece, wanted, pre_roll[-1].dts if pre_roll else None)


def _pre_roll(piece: Piece, wanted: Wanted) -> Iterator[Packet]:
    """Yield the sound before the keyframe without touching the pictures before it."""
    video, audio = piece.video, piece.audio
    if video is None or audio is None or wanted.keyframe_ts is None or wanted.sound_ts is None:
        return
    keyframe_s = piece.time_s(wanted.keyframe_ts, video.time_base or Fraction(0))
    video.discard = Discard.all
    piece.container.seek(wanted.sound_ts, stream=audio)
    for packet in piece.container.demux(audio):
        if packet.dts is None or piece.pts_s(packet) >= keyframe_s:
            break
        yield packet
    video.discard = Discard.default


def _seek(piece: Piece, wanted: Wanted) -> None:
    if piece.video and wanted.keyframe_ts is not None:
        piece.container.seek(wanted.keyframe_ts, stream=piece.video)
    elif piece.audio and wanted.sound_ts is not None:
        piece.container.seek(wanted.sound_ts, stream=piece.audio)


def _main(piece: Piece, wanted: Wanted, fed_ts: int | None) -> Iterator[Packet]:
    missing = set(wanted.last_ts)
    audio_index = piece.audio.index if piece.audio else None
    for packet in piece.container.demux(*piece.streams):
        index, dts = packet.stream_index, packet.dts
        if dts is None:
            continue
        if dts >= wanted.last_ts[index]:
            missing.discard(index)
        is_fed = index == audio_index and fed_ts is not None and dts <= fed_ts
        if dts <= wanted.last_ts[index] and not is_fed:
            yield packet
        if not missing:
            return


def _without_index(piece: Piece, begin_s: Fraction, end_s: Fraction) -> Iterator[Packet]:
    piece.container.seek(max(int((begin_s - piece.begin_s - Fraction(1, 10)) * av.time_base), 0))
    missing = {stream.index for stream in piece.streams}
    for packet in piece.container.demux(*piece.streams):
        if packet.dts is None or packet.pts is None:
            continue
        behind_s = piece.pts_s(packet) - end_s
        if behind_s > 1:
            missing.discard(packet.stream_index)
        if not missing or behind_s > _SKEW_S:
            return
        yield packet
