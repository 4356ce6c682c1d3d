from hypothesis import given
from hypothesis import strategies as st

from rtcstack.adapters.s3.copying import LARGEST_COPY_BYTES, ranges

_SMALLEST = 5 * 1024**2


@given(size_bytes=st.integers(LARGEST_COPY_BYTES + 1, 5 * 1024**4))
def test_parts_cover_an_object_and_are_ones_that_s3_takes(size_bytes: int) -> None:
    parts = ranges(size_bytes, LARGEST_COPY_BYTES)
    assert [offset for offset, _ in parts] == [sum(n for _, n in parts[:i]) for i in range(len(parts))]
    assert sum(length for _, length in parts) == size_bytes
    assert all(_SMALLEST <= length <= LARGEST_COPY_BYTES for _, length in parts[:-1])
    assert 0 < parts[-1][1] <= LARGEST_COPY_BYTES
    assert len(parts) <= 10_000
