import struct
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.container.boxes import Outline, read_outline

kinds = st.sampled_from([b"ftyp", b"free", b"moov", b"moof", b"mdat"])
boxes = st.tuples(kinds, st.binary(max_size=40)).map(
    lambda box: struct.pack(">I4s", len(box[1]) + 8, box[0]) + box[1]
)


def outline_of(content: bytes) -> Outline:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "part.mp4"
        file.write_bytes(content)
        return read_outline(file)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(content: bytes) -> None:
    outline = outline_of(content)
    assert outline.size_bytes == len(content)
    assert 0 <= outline.media_end <= len(content)


@given(st.lists(boxes, max_size=8), st.binary(max_size=7))
def test_whole_boxes_follow_each_other_and_a_torn_one_is_left_out(whole: list[bytes], torn: bytes) -> None:
    outline = outline_of(b"".join(whole) + torn)
    assert len(outline.boxes) == len(whole)
    assert sum(box.size for box in outline.boxes) == len(b"".join(whole))
    if torn:
        assert not outline.is_intact


def test_sizes_of_64_bits_and_up_to_the_end_are_understood() -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + b"1234"
    rest = struct.pack(">I4s", 0, b"free") + b"the rest"
    first, second = outline_of(large + rest).boxes
    assert (first.kind, first.size, first.body) == ("mdat", 20, (16, 20))
    assert (second.kind, second.end) == ("free", len(large + rest))
