"""An H.264 encoder that agrees with the recorder's: its pictures need the same parameter sets as the recording's.

Then re-encoded pictures and copied ones stand in one stream under one sample description (ISO/IEC 14496-15, 5.3.3).
"""

from collections.abc import Iterator
from typing import Any

import av
import av.error
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from rtcstack.egress.recorder.encoder import X264
from rtcstack.egress.recorder.parameter_sets import PPS, SPS, read_pps
from rtcstack.media.piece import frame_s

_SPS_COUNT_AT, _LENGTH_SIZE_AT = 5, 4
_LEVEL_AT = 3
_ANNEX_B = b"\0\0\1"


class Disagreement(Exception):
    """The stream was not encoded as the recorder does it."""


def parameter_sets(configuration: bytes) -> list[bytes]:
    """Return SPS and PPS of a decoder configuration record. Raises `Disagreement`: it is none."""
    if len(configuration) <= _SPS_COUNT_AT or configuration[0] != 1:
        raise Disagreement("no decoder configuration record")
    found, at = [], _SPS_COUNT_AT
    for mask in (0x1F, 0xFF):
        count = configuration[at] & mask
        at += 1
        for _ in range(count):
            size = int.from_bytes(configuration[at : at + 2], "big")
            found.append(configuration[at + 2 : at + 2 + size])
            at += 2 + size
    return found


def split_annex_b(data: bytes) -> list[bytes]:
    """Return the units between start codes."""
    return [unit.rstrip(b"\0") for unit in data.split(_ANNEX_B)[1:]]


class HeadEncoder:
    """Encodes pictures of `source` with the recorder's parameters, into packets as MP4 holds them.

    Raises:
        Disagreement: the parameter sets would be others than those of `source`.
    """

    def __init__(self, source: av.VideoStream) -> None:
        if source.codec_context.name != "h264":
            raise Disagreement("the pictures are no H.264")
        configuration = source.codec_context.extradata or b""
        wanted = parameter_sets(configuration)
        if configuration[_LENGTH_SIZE_AT] & 3 != 3:  # noqa: PLR2004 - lengths of four bytes
            raise Disagreement("lengths of units are not four bytes")
        self._context = _context(source, configuration[_LEVEL_AT], _rate_factor(wanted))
        own = [unit for unit in split_annex_b(self._context.extradata or b"") if unit[0] & 0x1F in {SPS, PPS}]
        if own != wanted:
            raise Disagreement("the parameter sets differ")

    def encode(self, frame: av.VideoFrame | None) -> Iterator["av.Packet[Any]"]:
        """Yield packets, of the frame's time base; None flushes."""
        for packet in self._context.encode(frame):
            yield _as_mp4(packet)


def _rate_factor(sets: list[bytes]) -> int:
    """Return what the recorder was told (`Encoding.crf`): the parameter sets depend on it."""
    try:
        return next(read_pps(unit).qp for unit in sets if unit[0] & 0x1F == PPS)
    except (ValueError, StopIteration) as e:
        raise Disagreement("the parameter sets differ") from e


def _context(source: av.VideoStream, level: int, crf: int) -> VideoCodecContext:
    like = source.codec_context
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = like.width, like.height, "yuv420p"
    context.framerate, context.time_base = 1 / frame_s(source), frame_s(source)
    context.color_range, context.colorspace = like.color_range, like.colorspace
    context.color_primaries, context.color_trc = like.color_primaries, like.color_trc
    context.options = {**X264, "crf": str(crf), "level": f"{level / 10:.1f}"}
    context.flags |= Flags.global_header
    context.thread_count = 0
    try:
        context.open()
    except av.error.FFmpegError as e:
        raise Disagreement("no encoder with these parameters") from e
    return context


def _as_mp4(packet: "av.Packet[Any]") -> "av.Packet[Any]":
    """Replace start codes by lengths."""
    units = split_annex_b(bytes(packet))
    made: av.Packet[Any] = av.Packet(b"".join(len(unit).to_bytes(4, "big") + unit for unit in units))
    made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
    made.time_base, made.is_keyframe = packet.time_base, packet.is_keyframe
    return made
