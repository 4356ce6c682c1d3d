"""One file of a recording, opened for reading, and its place in the recording's time."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer

from rtcstack.media.range_file import RangeFile

Stream = av.VideoStream | av.AudioStream


@dataclass(eq=False)
class Piece:
    """`begin_s` is where it begins in the recording; times of packets and frames in it count from there."""

    container: InputContainer
    begin_s: Fraction
    file: RangeFile | None = None

    @property
    def video(self) -> av.VideoStream | None:
        return next(iter(self.container.streams.video), None)

    @property
    def audio(self) -> av.AudioStream | None:
        return next(iter(self.container.streams.audio), None)

    @property
    def streams(self) -> list[Stream]:
        return [stream for stream in (self.video, self.audio) if stream is not None]

    @property
    def has_samples(self) -> bool:
        """Whether the file's index names every sample and its place, as MP4's does."""
        return "mp4" in self.container.format.name and all(len(s.index_entries) for s in self.streams)

    @property
    def end_s(self) -> Fraction:
        """Where the longest of its streams ends."""
        if self.has_samples:
            return self.begin_s + max(_length_s(stream) for stream in self.streams)
        return self.begin_s + Fraction(self.container.duration or 0, av.time_base)

    def time_s(self, timestamp: int, base: Fraction) -> Fraction:
        return self.begin_s + timestamp * base

    def timestamp(self, time_s: Fraction, stream: Stream) -> int:
        """Return the first timestamp of `stream` that is not before `time_s`."""
        return -((self.begin_s - time_s) // base_of(stream))

    def pts_s(self, packet: "av.Packet[Any]") -> Fraction:
        assert packet.pts is not None
        return self.time_s(packet.pts, packet.time_base)


def base_of(stream: Stream) -> Fraction:
    base = stream.time_base
    assert base is not None  # a demuxed stream has one
    return base


def frame_s(stream: av.VideoStream) -> Fraction:
    """Return how long a picture stands; a guess where the rate varies. Pauses in a recording do not change it."""
    rate = stream.guessed_rate or stream.average_rate
    return 1 / Fraction(rate) if rate else Fraction(1, 25)


def _length_s(stream: Stream) -> Fraction:
    """Return where the last sample ends, which lasts as long as the one before."""
    entries, last = stream.index_entries, stream.index_entries[-1].timestamp
    before = entries[-2].timestamp if len(entries) > 1 else last
    return (2 * last - before) * base_of(stream)


def decode_on_all_cores(piece: Piece) -> None:
    """Call this before the first picture is decoded; afterwards it changes nothing."""
    if piece.video and not piece.video.codec_context.is_open:
        piece.video.codec_context.thread_type = "AUTO"
        piece.video.codec_context.thread_count = 0
