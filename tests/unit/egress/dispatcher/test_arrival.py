import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.dispatcher.arrival import PartSums, Sent, SummedFile


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


@given(st.lists(st.binary(max_size=20)), st.integers(1, 12))
def test_sums_are_of_parts_however_the_bytes_come(pieces: list[bytes], part_bytes: int) -> None:
    sums = PartSums(part_bytes)
    for piece in pieces:
        sums.update(piece)
    whole = b"".join(pieces)
    parts = [whole[at : at + part_bytes] for at in range(0, len(whole), part_bytes)] or [b""]
    assert sums.md5s() == tuple(map(_md5, parts))


def test_an_object_is_called_by_its_md5_or_by_that_of_its_parts() -> None:
    """As S3 documents it for multipart uploads."""
    one, other = _md5(b"one"), _md5(b"other")
    assert Sent(3, 8, (one,), is_multipart=False).etag == "f97c5d29941bfb1b2fdab0874906ab82"
    assert Sent(3, 8, (one,), is_multipart=True).etag == f"{_md5(one).hex()}-1"
    assert Sent(8, 3, (one, other), is_multipart=True).etag == f"{_md5(one + other).hex()}-2"


def test_a_file_is_summed_as_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abcdefgh")
    with SummedFile(str(file), 3) as source:
        assert source.read(3) + source.read(3) + source.read() == b"abcdefgh"
    assert source.sums.md5s() == tuple(map(_md5, (b"abc", b"def", b"gh")))
