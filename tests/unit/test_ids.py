from hypothesis import given
from hypothesis import strategies as st

from rtcstack.ids import new_id


def test_ids_of_one_millisecond_sort_in_the_order_they_were_made() -> None:
    made = [new_id("evt", 1_700_000_000_000) for _ in range(500)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@given(st.integers(min_value=1_600_000_000_000, max_value=2_000_000_000_000))
def test_an_id_has_the_prefix_and_26_characters(now_ms: int) -> None:
    prefix, _, body = new_id("rec", now_ms).partition("_")
    assert prefix == "rec"
    assert len(body) == 26
    assert not set(body) & set("ilou")
