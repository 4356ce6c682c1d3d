"""msgspec's own messages, as it makes them today, in plain words."""

from typing import Annotated, Any, Literal

import msgspec
import pytest

from rtcstack.api.plain_words import plain
from rtcstack.domain.room import NAME_PATTERN


def _said(value: Any, kind: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, kind)
    return plain(str(caught.value))


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ("x", int, "must be a whole number, not text"),
        (1, str | None, "must be text or null, not a whole number"),
        ([], dict[str, Any], "must be an object, not a list"),
        ("yes", bool, "must be true or false, not text"),
        (0, Annotated[int, msgspec.Meta(ge=1)], "must be 1 or more"),
        (9, Annotated[int, msgspec.Meta(le=4)], "must be 4 or less"),
        (3, Annotated[int, msgspec.Meta(multiple_of=2)], "must be a multiple of 2"),
        ("", Annotated[str, msgspec.Meta(min_length=1)], "must have at least 1 characters"),
        (
            " ",
            Annotated[str, msgspec.Meta(pattern=NAME_PATTERN)],
            "must have a character that can be seen, and no NUL",
        ),
        ("abc", Annotated[str, msgspec.Meta(max_length=2)], "must have at most 2 characters"),
        ([1], Annotated[list[int], msgspec.Meta(min_length=2)], "must have at least 2 entries"),
        ("c", Literal["a", "b"], "'c' is none of the words that may stand here"),
        ("c", Annotated[str, msgspec.Meta(pattern="^a$")], "must match '^a$'"),
    ],
)
def test_no_message_names_a_type_of_python(value: Any, kind: Any, words: str) -> None:
    assert _said(value, kind) == words


def test_what_is_not_known_is_told_as_it_is() -> None:
    assert plain("something else") == "something else"
