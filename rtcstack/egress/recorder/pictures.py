"""The recording's pictures as packets: those of x264, and between them the ones that show what the one before shows."""

from collections import deque
from collections.abc import Iterable, Iterator

import av
from av.video.frame import PictureType

from rtcstack import log
from rtcstack.egress.recorder.muxers import Packet
from rtcstack.egress.recorder.standstill import Standstill

_logger = log.get(__name__)


class Pictures:
    """Called from the writer's thread alone."""

    def __init__(self, stream: av.VideoStream) -> None:
        """`stream` is open, and its encoder holds back one picture, until it has the next one."""
        self._stream = stream
        self._standstill = _standstill(bytes(stream.codec_context.extradata or b""))
        self._encoded: av.VideoFrame | None = None
        self._is_key = False
        self._repeat: int | None = None
        self._count = 0
        self._ticks: deque[int] = deque()
        self._told_tick = -1

    def write(self, frame: av.VideoFrame, tick: int, *, is_key: bool) -> Iterable[Packet]:
        """Return what is complete now. Of a frame that comes again and again every second picture is a repeated one.

        None follows upon a keyframe: that would wait for it, and with it whatever begins there.
        """
        may_repeat = self._standstill is not None and self._repeat is None and not is_key and not self._is_key
        if may_repeat and frame is self._encoded:
            self._repeat = tick
            return ()
        self._encoded, self._is_key = frame, is_key
        # A frame may come again and again, and is to be a keyframe but once.
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        frame.pts, frame.time_base = self._told(tick), self._stream.codec_context.time_base
        return self._in_order(self._stream.encode(frame), tick)

    def close(self) -> Iterable[Packet]:
        return self._in_order(self._stream.encode(None), None)

    def _told(self, tick: int) -> int:
        """Return the picture's place in x264's own time, which has no gaps; its packets get theirs back in `_in_order`.

        There each picture stands for one tick. So where some are left out, so are their bits, at the ceiling too. And none is
        ruined by standing for long: of the bits that x264's buffer (VBV) holds, two seconds of the rate at most, it keeps back
        5 to 25 % of what arrives while a picture stands, from that very picture (x264, `ratecontrol_mb`, `max_frame_size`).
        """
        self._told_tick += 1 if self._repeat is None else 2
        self._ticks.append(tick)
        return self._told_tick

    def _in_order(self, packets: Iterable[Packet], tick: int | None) -> Iterator[Packet]:
        """Say of each packet how long it stands, until the next one; the last one of all stands for a tick.

        libav closes a fragment whenever it is long enough, and the last packet's duration counts then: where pictures are
        left out, everything behind would come too early.
        """
        for packet in packets:
            packet.pts = packet.dts = self._ticks.popleft()
            self._count = 1 if packet.is_keyframe else self._count + 1
            repeat, self._repeat = self._repeat, None
            yield _until(packet, tick if repeat is None else repeat)
            if repeat is not None and self._standstill is not None:
                yield _until(self._repeated(self._standstill, repeat), tick)

    def _repeated(self, standstill: Standstill, tick: int) -> Packet:
        packet = av.Packet(standstill.picture(self._count))
        packet.pts = packet.dts = tick
        packet.time_base, packet.duration = self._stream.codec_context.time_base, 1
        return packet


def _standstill(extradata: bytes) -> Standstill | None:
    """Return None for a stream that is not as expected: each picture is encoded then."""
    try:
        return Standstill(extradata)
    except (LookupError, ValueError) as e:
        _logger.warning("repeated pictures are encoded as well", error=repr(e))
        return None


def _until(packet: Packet, tick: int | None) -> Packet:
    if tick is not None and packet.pts is not None and packet.pts < tick:
        packet.duration = tick - packet.pts
    return packet
