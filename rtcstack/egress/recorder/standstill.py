"""Pictures that show what the one before shows, written by hand: some thirty bytes that say "as before" of everything.

x264 takes half as long over a picture in which nothing has changed as over one in which all of it has: it looks at everything to
find that out, and the compositor knows it already. Such a picture is one P slice of nothing but skipped macroblocks. As no
other refers to it (`nal_ref_idc` 0), x264 need not know of it. Numbers in brackets are clauses of Rec. ITU-T H.264.
"""

import re
from functools import cache
from typing import Final

from rtcstack.egress.recorder.parameter_sets import PPS, SPS, read_pps, read_sps

_START: Final = b"\0\0\0\1"
_NARROW: Final = 256
"""The code's range is doubled below this (9.3.4.3)."""
_QP: Final = 51
"""Nothing is quantised; the higher it is, the likelier skipping is held to be from the first macroblock on."""
_RANGES: Final = (
    *((16, 20, 23, 27), (15, 19, 22, 25), (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22)),
    *((12, 15, 18, 21), (12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17)),
    *((10, 12, 14, 16), (9, 11, 13, 15), (9, 11, 12, 14), (8, 10, 12, 14), (8, 9, 11, 13)),
    *((7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11), (6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9)),
)
"""`rangeTabLPS` of the states 42, where `mb_skip_flag` begins at this QP (9.3.1.1), to 62, where it stays (9.3.3.2.1)."""


def _se(value: int) -> str:
    code = f"{2 * value if value > 0 else 1 - 2 * value:b}"
    return "0" * (len(code) - 1) + code


def _skipped(macroblocks: int) -> str:
    """Return the arithmetic code of so many skipped macroblocks, the stop bit included (9.3.4.2, 9.3.4.5).

    All that happens is likely, so the lower end of the code's range stays 0 until the slice ends.
    """
    width, shifts = 510, 0
    for number in range(macroblocks):
        width -= _RANGES[min(number, len(_RANGES) - 1)][width >> 6 & 3]
        if width < _NARROW:
            width, shifts = width << 1, shifts + 1
        width -= 2  # this macroblock is not the last one
        if width < _NARROW and number + 1 < macroblocks:
            width, shifts = width << 1, shifts + 1
    return f"{width | 1:0{shifts + 10}b}"[1:]


class Standstill:
    """Makes the pictures that fit a stream of x264's, encoded without B frames."""

    def __init__(self, extradata: bytes) -> None:
        sets = {nal[0] & 31: nal for nal in re.split(rb"\x00*\x00\x00\x01", extradata) if nal}
        self._sps, self._pps = read_sps(sets[SPS]), read_pps(sets[PPS])
        self._body = _skipped(self._sps.macroblocks)
        self._picture = cache(self._made)

    def picture(self, number: int) -> bytes:
        """Return the picture that follows upon `number` others, counted from the last keyframe, of which x264 made all."""
        return self._picture(number % (1 << self._sps.number_bits))

    def _made(self, number: int) -> bytes:
        """Write header and data of the slice (7.3.3, 7.3.4)."""
        head = "1" + "00110" + "1"  # first macroblock 0; slice type 5: all slices are P; parameter set 0
        head += f"{number:0{self._sps.number_bits}b}"
        head += "00"  # as many references as usual, in the usual order
        head += "1100" if self._pps.is_weighted else ""  # weighted in halves of nothing: not at all
        head += "1" + _se(_QP - self._pps.qp)  # the first set of initial states
        head += "010" if self._pps.has_deblocking else ""  # none
        bits = head + "1" * (-len(head) % 8) + self._body
        bits += "0" * (-len(bits) % 8)
        data = int(bits, 2).to_bytes(len(bits) // 8, "big")
        return _START + b"\1" + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", data)
