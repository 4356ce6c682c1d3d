import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.clip import (
    Clip,
    ClipState,
    check_label,
    check_range,
    check_within,
    clip_key,
    end_within,
    label_slug,
)
from rtcstack.errors import Invalid

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("key-moment", "key-moment"),
        ("Product Highlight #3", "product-highlight-3"),
        ("../../etc/passwd", "etc-passwd"),
        ("Größe É", "grosse-e"),
        ("🎥", "clip"),
        ("...", "clip"),
        ("日本", "clip"),
        ("a" * 200, "a" * 60),
        ("a" * 59 + " b", "a" * 59),
    ],
)
def test_a_label_becomes_a_safe_part_of_a_key(label: str, slug: str) -> None:
    assert label_slug(label) == slug


@given(st.text())
def test_whatever_the_label_says_the_key_stays_in_its_folder(label: str) -> None:
    assert _SLUG.match(label_slug(label))
    key = clip_key("room-abc/2025-04-05T10-00-00.mp4", label, "clip_1")
    assert re.fullmatch(r"room-abc/clips/[a-z0-9-]{1,60}-clip_1\.mp4", key)


def test_a_clip_lies_beside_its_recording() -> None:
    assert clip_key("_t/acme/r/x.mp4", "A b", "clip_1") == "_t/acme/r/clips/a-b-clip_1.mp4"
    assert clip_key("x.mp4", "A b", "clip_1") == "clips/a-b-clip_1.mp4"


@pytest.mark.parametrize("label", ["a", "a" * 200, "../x", "👩\u200d💻 talks", " padded "])
def test_a_label_is_taken_as_it_is(label: str) -> None:
    assert check_label(label) == label


@pytest.mark.parametrize(
    "label",
    [
        "",
        " ",
        "\u3000",
        "\u200b",
        "\ufeff \u2060",
        "a" * 201,
        "a\nb",
        "a\r",
        "a\x00",
        "\x7fa",
        "a\u2028b",
        "\ud800",
    ],
)
def test_a_label_is_one_line_of_text(label: str) -> None:
    with pytest.raises(Invalid, match="one line"):
        check_label(label)


_NAN, _INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("start_s", "end_s", "code"),
    [
        (-0.1, 1, "invalid_range"),
        (1, 1, "invalid_range"),
        (2, 1, "invalid_range"),
        (_NAN, 1, "invalid_range"),
        (0, _NAN, "invalid_range"),
        (0, _INF, "invalid_range"),
        (_INF, _INF, "invalid_range"),
        (0, 60.001, "clip_too_long"),
        (0, 1e308, "clip_too_long"),
    ],
)
def test_what_is_no_range_is_refused(start_s: float, end_s: float, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_range(start_s, end_s, max_s=60)
    assert caught.value.word == code


def test_a_range_of_decimals_is_fine() -> None:
    check_range(0, 0.001, max_s=60)
    check_range(1.25, 61.25, max_s=60)


def test_a_range_lies_within_its_recording() -> None:
    check_within(0, 10.4, 10.4, "It is")
    check_within(0, 11, 10.4, "It is")  # as whole seconds may say
    for start_s, end_s, field in (
        (0, 11.5, "end_seconds"),
        (10.4, 10.5, "start_seconds"),
        (50, 60, "start_seconds"),
    ):
        with pytest.raises(Invalid, match=r"It is 10\.400 seconds long") as caught:
            check_within(start_s, end_s, 10.4, "It is")
        assert caught.value.details["field"] == field


def test_the_end_may_lie_a_little_ahead_of_what_still_grows() -> None:
    check_within(12, 18, 10, "So far it is", ahead_s=10)
    with pytest.raises(Invalid, match="So far it is"):
        check_within(0, 20.1, 10, "So far it is", ahead_s=10)


def test_an_end_a_little_behind_the_recordings_means_that() -> None:
    assert [end_within(end_s, 10.4) for end_s in (9, 10.4, 11, 12)] == [9, 10.4, 10.4, 12]


def test_a_clip_knows_whether_it_was_deleted() -> None:
    clip = Clip("c", "t", "r", "l", 0, 1, "reencode", ClipState.PROCESSING, "b", "k", 1)
    assert not clip.is_deleted
