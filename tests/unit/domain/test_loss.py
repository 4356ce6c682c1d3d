from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.loss import (
    Gap,
    read_recovered,
    read_upload_waits,
    recovered,
    upload_waits,
    without_upload_waits,
)

_tenths = st.integers(0, 10**6).map(lambda tenths: tenths * 100)
_gaps = st.lists(st.builds(Gap, _tenths, _tenths), max_size=10)


@given(_gaps)
def test_what_is_written_is_read(gaps: list[Gap]) -> None:
    details = f"End reason: StopEgress API; {recovered(gaps)}; the file is kept"
    assert read_recovered(details) == tuple(gaps)


def test_what_was_not_interrupted_has_no_such_words() -> None:
    assert read_recovered("") is None
    assert read_recovered("End reason: StopEgress API; recovered after the worker was killed") is None


def test_of_very_many_gaps_the_first_are_named() -> None:
    assert len(read_recovered(recovered([Gap(n, 100) for n in range(1000)])) or ()) == 50


@given(st.text(max_size=80))
def test_the_stores_words_stay_one_sentence(words: str) -> None:
    details = f"End reason: StopEgress API; {upload_waits(words)}"
    found = read_upload_waits(details)
    assert found is not None
    assert "; " not in found
    assert without_upload_waits(details) == "End reason: StopEgress API"
    assert read_upload_waits(without_upload_waits(details)) is None
