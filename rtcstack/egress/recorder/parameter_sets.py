"""What pictures of a stream depend on: its parameter sets, as x264 writes them. Numbers in brackets are clauses of Rec. ITU-T H.264."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

SPS: Final = 7
PPS: Final = 8
_BY_DECODING: Final = 2
"""`pic_order_cnt_type` without B frames: pictures are shown in the order in which they are decoded (8.2.1.3)."""
_HIGH: Final = frozenset({100, 110, 122, 244})
_MIDDLE_QP: Final = 26


class _Bits:
    """Reads a NAL unit (7.2, 9.1)."""

    def __init__(self, nal: bytes) -> None:
        payload = nal[1:].replace(b"\0\0\3", b"\0\0")
        self._bits = iter("".join(f"{byte:08b}" for byte in payload))

    def u(self, count: int) -> int:
        bits = "".join(islice(self._bits, count))
        _expect(len(bits) == count, "it ends too early")
        return int("0" + bits, 2)

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def _expect(is_so: bool, words: str) -> None:
    if not is_so:
        raise ValueError(f"a parameter set that is not as x264 writes it for the recorder: {words}")


@dataclass(frozen=True, slots=True)
class SequenceSet:
    number_bits: int
    """The length of `frame_num`."""
    macroblocks: int
    """Of a picture."""


@dataclass(frozen=True, slots=True)
class PictureSet:
    is_weighted: bool
    qp: int
    """What slices begin with: of a stream of constant quality the rate factor, rounded down."""
    has_deblocking: bool
    """Whether slices say how they are deblocked."""


def read_sps(nal: bytes) -> SequenceSet:
    """Read a sequence parameter set (7.3.2.1.1).

    Raises:
        ValueError: for one that is not as x264 makes it for the recorder.
    """
    bits = _Bits(nal)
    profile, _levels, _id = bits.u(8), bits.u(16), bits.ue()
    if profile in _HIGH:
        formats = bits.ue(), bits.ue(), bits.ue(), bits.u(1), bits.u(1)
        _expect(formats == (1, 0, 0, 0, 0), f"not x264's usual 4:2:0: {formats}")
    number_bits = bits.ue() + 4
    _expect(bits.ue() == _BY_DECODING, "B frames")
    _references, _gaps = bits.ue(), bits.u(1)
    macroblocks = (bits.ue() + 1) * (bits.ue() + 1)
    _expect(bits.u(1) == 1, "interlaced")
    return SequenceSet(number_bits, macroblocks)


def read_pps(nal: bytes) -> PictureSet:
    """Read a picture parameter set (7.3.2.2).

    Raises:
        ValueError: for one that is not as x264 makes it for the recorder.
    """
    bits = _Bits(nal)
    _id, _sps, is_arithmetic, _order, groups = bits.ue(), bits.ue(), bits.u(1), bits.u(1), bits.ue()
    _expect(is_arithmetic == 1, "not CABAC")
    _expect(groups == 0, "more than one slice group")
    others, _l1, is_weighted, _weighted_b = bits.ue(), bits.ue(), bits.u(1), bits.u(2)
    _expect(others == 0, "more than one reference")
    qp = _MIDDLE_QP + bits.se()
    _qs, _chroma, has_deblocking = bits.se(), bits.se(), bits.u(1)
    return PictureSet(bool(is_weighted), qp, bool(has_deblocking))
