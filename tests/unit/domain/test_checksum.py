import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from rtcstack.domain.checksum import hasher_like, is_checksum, of_blocks

_HEX = "a" * 64


def _word(data: bytes, like: str | None, chunk: int) -> str:
    hasher = hasher_like(like)
    for at in range(0, len(data), chunk):
        hasher.update(data[at : at + chunk])
    return hasher.word()


@settings(deadline=None)
@given(data=st.binary(max_size=200), block=st.integers(1, 64), chunk=st.integers(1, 64))
def test_blocks_are_hashed_alike_however_they_arrive(data: bytes, block: int, chunk: int) -> None:
    digests = [hashlib.sha256(data[at : at + block]).digest() for at in range(0, len(data), block)]
    expected = of_blocks(digests, block)
    assert expected == f"{hashlib.sha256(b''.join(digests)).hexdigest()}/{block}"
    assert _word(data, f"{_HEX}/{block}", chunk) == expected


@settings(deadline=None)
@given(data=st.binary(max_size=200), chunk=st.integers(1, 64))
def test_everything_else_is_the_sha256_of_all_bytes(data: bytes, chunk: int) -> None:
    for like in (_HEX, None, "", "d41d8cd98f00b204e9800998ecf8427e-3"):
        assert _word(data, like, chunk) == hashlib.sha256(data).hexdigest()


def test_a_stores_tag_is_no_checksum_of_ours() -> None:
    assert is_checksum(_HEX)
    assert is_checksum(f"{_HEX}/8388608")
    for word in (None, "", "ab", _HEX.upper(), f"{_HEX}/", f"{_HEX}/0", f"{_HEX}-3", f"{_HEX}/8388608/1"):
        assert not is_checksum(word)
