"""What is wrong with a value, in words for people: msgspec's own name Python's types."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from rtcstack.domain.room import NAME_PATTERN

_KINDS: Final[Mapping[str, str]] = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_UNITS: Final = {"str": "characters", "array": "entries", "object": "entries"}
_BOUNDS: Final = {
    ">=": "must be {} or more",
    "<=": "must be {} or less",
    ">": "must be more than {}",
    "<": "must be less than {}",
}
_LENGTHS: Final = {">=": "must have at least {} {}", "<=": "must have at most {} {}", "==": "must have {} {}"}

_PATTERNS: Final[Mapping[str, str]] = {
    repr(NAME_PATTERN): "must have a character that can be seen, and no NUL",
    repr(f"{NAME_PATTERN}|^$"): "must be empty, or have a character that can be seen, and no NUL",
}


def plain(message: str) -> str:
    """Return msgspec's message in plain words; one that is not known as it is."""
    for pattern, words in _WORDS:
        if found := pattern.fullmatch(message):
            return words(found)
    return message


def _kind(names: str) -> str:
    return " or ".join(_KINDS.get(name, name) for name in names.split(" | "))


def _length(found: re.Match[str]) -> str:
    return _LENGTHS[found[2]].format(found[3], _UNITS.get(found[1], "bytes"))


_WORDS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"Expected `(.+)`, got `(.+)`"), lambda m: f"must be {_kind(m[1])}, not {_kind(m[2])}"),
    (re.compile(r"Expected `(?:int|float)` (>=|<=|>|<) (\S+)"), lambda m: _BOUNDS[m[1]].format(m[2])),
    (re.compile(r"Expected `(\w+)` of length (>=|<=|==) (\d+)"), _length),
    (
        re.compile(r"Expected `(?:int|float)` that's a multiple of (\S+)"),
        lambda m: f"must be a multiple of {m[1]}",
    ),
    (re.compile(r"Expected `str` matching regex (.+)"), lambda m: _PATTERNS.get(m[1], f"must match {m[1]}")),
    (re.compile(r"Invalid enum value (.+)"), lambda m: f"{m[1]} is none of the words that may stand here"),
    (re.compile(r"Object missing required field `(.+)`"), lambda m: f"{m[1]} is required"),
    (re.compile(r"Object contains unknown field `(.+)`"), lambda m: f"there is no such field {m[1]}"),
    (re.compile(r"(?:Integer value|Number) out of range"), lambda _: "is a number too large to be held"),
)
