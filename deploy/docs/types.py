"""A schema in a few words: `list of RoomBody or null`."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_PREFIX = "#/components/schemas/"
_GENERIC = "Envelope_"
_RANGES = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"))


def name_of(schema: Schema) -> str:
    """Return which component it refers to, or an empty text."""
    return str(schema.get("$ref", "")).removeprefix(_PREFIX)


def is_envelope(name: str) -> bool:
    return name.startswith(_GENERIC)


def words(schema: Schema, link: Callable[[str], str]) -> str:
    """Return the type; `link` makes the text for another schema of that name."""
    name = name_of(schema)
    if name:
        inner = name.rsplit(".", 1)[-1].removesuffix("_")
        return f"`data`: {link(inner)}" if is_envelope(name) else link(name)
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        return " or ".join(words(option, link) for option in options)
    if schema.get("type") == "array":
        return f"list of {words(schema['items'], link)}"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    return _plain(schema)


def _plain(schema: Schema) -> str:
    if "enum" in schema:
        return " or ".join("null" if word is None else f"`{word}`" for word in schema["enum"])
    kinds = schema.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def limits(schema: Schema) -> str:
    """Return bounds and default, if it has any."""
    options = schema.get("oneOf") or ()
    bounded = {**next((one for one in options if one.get("type") != "null"), {}), **schema}
    told = list(_ranges(bounded))
    if step := bounded.get("multipleOf"):
        told.append(f"a multiple of {_number(step)}")
    default = schema.get("default")
    if default not in (None, "", [], {}):
        told.append(f"default `{json.dumps(default)}`")
    return ", ".join(told)


def _ranges(schema: Schema) -> Iterator[str]:
    for low, high, unit in _RANGES:
        if low in schema and high in schema:
            yield f"{_number(schema[low])} to {_number(schema[high])}{unit}"
        elif low in schema:
            yield f"{_number(schema[low])}{unit} or more"
        elif high in schema:
            yield f"{_number(schema[high])}{unit} or fewer"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
