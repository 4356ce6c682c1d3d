"""How the pages write numbers."""

import pytest

from rtcstack.dashboard import formats


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_600, "1.0 MB"),
        (2_812_000, "2.8 MB"),
        (5e13, "50 TB"),
    ],
)
def test_a_size_has_few_digits(n_bytes: int, text: str) -> None:
    assert formats.size(n_bytes) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "0:00"), (None, "0:00"), (59_600, "1:00"), (3_599_400, "59:59"), (3_600_000, "1:00:00")],
)
def test_a_length_of_time_reads_like_a_clock(ms: int | None, text: str) -> None:
    assert formats.duration(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(5500, "0:05.5"), (5000, "0:05"), (None, "0:00"), (59_960, "1:00"), (3_600_100, "1:00:00.1")],
)
def test_a_moment_of_a_film_keeps_its_tenths(ms: int | None, text: str) -> None:
    assert formats.moment(ms) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("h264,1280x720,30", "H.264, 1280 by 720, 30 pictures a second"),
        ("aac,48000,2", "AAC, 48 kHz, stereo"),
        ("opus,44100,6", "Opus, 44.1 kHz, 6 channels"),
        ("anything", "anything"),
    ],
)
def test_what_a_file_holds_is_told_in_words(word: str, text: str) -> None:
    assert formats.stream(word) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3600, "1 hour"),
        (7 * 24 * 3600, "7 days"),
        (5400, "90 minutes"),
        (90, "90 seconds"),
        (0.5, "0.5 seconds"),
    ],
)
def test_a_rule_is_told_in_the_largest_unit(seconds: float, text: str) -> None:
    assert formats.span(seconds) == text


def test_a_limit_is_told_as_it_was_set() -> None:
    assert [formats.limit(n) for n in (10 * 2**30, 2**40, 1536 * 2**30, 10**10)] == [
        "10 GiB",
        "1 TiB",
        "1536 GiB",
        "10 GB",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "less than a second"),
        (1.9, "1 second"),
        (119, "1 minute"),
        (3 * 3600 + 59, "3 hours"),
        (3e6, "34 days"),
    ],
)
def test_an_age_is_told_by_its_largest_unit(seconds: float, text: str) -> None:
    assert formats.age(seconds) == text


def test_an_instant_is_told_to_the_second() -> None:
    assert ">1970-01-01 00:00:01 UTC<" in formats.instant(1000)
    assert formats.instant(None) == "&ndash;"
