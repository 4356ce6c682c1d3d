"""What is wanted of a value that cannot be used: in plain words, with an example."""

import json
from collections.abc import Mapping
from typing import Final

from pydantic_core import ErrorDetails

_LIST: Final = "tuple_type"
_PATTERN: Final = "string_pattern_mismatch"
_WHOLE = "write a whole number, such as 8"
_NUMBER = "write a number, such as 2.5"
_TEXT = 'write it in quotation marks, "like this"'
_NETWORK = "write a network by its first address and the length of its prefix, such as 10.0.0.0/8"
_SWITCH = "write true or false"
_BUCKET = "write 3 to 63 small letters, digits, dots and hyphens, such as my-recordings"
_WANTED: Mapping[str, str] = {
    "bool_parsing": _SWITCH,
    "bool_type": _SWITCH,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "string_type": _TEXT,
    "path_type": _TEXT,
    "ip_v4_network": _NETWORK,
    "ip_v6_network": _NETWORK,
    "model_type": "this is a section: name the setting in it, such as port under [api], RTCSTACK_API__PORT",
}
"""By the kind of the fault (https://docs.pydantic.dev/latest/errors/validation_errors/)."""
_OF_PATTERN: Mapping[tuple[str, ...], str] = {
    ("join", "frame_ancestors"): "write each site as scheme and host alone, such as https://www.example.org",
    ("storage", "bucket"): _BUCKET,
    ("storage", "archive_bucket"): _BUCKET,
}
"""Of the settings that are held against a pattern, by their place in the tree."""


def wanted(fault: ErrorDetails, path: tuple[str, ...], *, shows: bool) -> str:
    """Return what to write instead; `shows` says whether what was given may be repeated."""
    given = fault["input"]
    if fault["type"] == _LIST:
        example = [given] if shows and isinstance(given, str) else ["one", "another"]
        return f"this is a list: write it as {json.dumps(example, ensure_ascii=False)}"
    if fault["type"] == _PATTERN and path in _OF_PATTERN:
        return _OF_PATTERN[path]
    return _WANTED.get(fault["type"]) or fault["msg"].replace("Input should", "this has to", 1)
