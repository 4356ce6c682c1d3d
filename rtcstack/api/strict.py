"""Bodies mean what they say: `"10"` is no number and 1 is not true, and every fault is told at once.

Litestar itself would take either for the other, and tells the first fault only.
"""

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from rtcstack.errors import Invalid

_PLACE = re.compile(r"^(?P<message>.*?)(?: - at (?:key in )?`\$\.?(?P<field>.*)`)?$", re.DOTALL)


async def strict_body(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Hold a JSON body against its type before the handler gets it. What is no JSON at all, Litestar refuses.

    Raises:
        Invalid: values have the wrong type or are out of bounds, are missing or unknown; each field is named.
    """
    asked = getattr(handler, "parsed_data_field", None)
    if asked is None or not isinstance(connection, Request):
        return
    body = await connection.body()
    try:
        if body:
            msgspec.json.decode(body, type=asked.annotation)
    except msgspec.ValidationError as e:
        faults = list(_faults(body, asked.annotation)) or [_fault(str(e))]
        text = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults)
        raise Invalid(text, fields=faults) from e
    except (msgspec.DecodeError, RecursionError):
        return


def _faults(body: bytes, asked: Any) -> Iterator[dict[str, str]]:
    """Name what is wrong with each field of an object; nothing for what is no object."""
    given = msgspec.json.decode(body)
    struct = next((t for t in (asked, *get_args(asked)) if _is_struct(t)), None)
    if struct is None or not isinstance(given, dict):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name, field in fields.items():
        if name in given:
            try:
                msgspec.convert(given[name], field.type)
            except msgspec.ValidationError as e:
                yield _fault(str(e), name)
        elif field.required:
            yield {"field": name, "message": "is required"}
    for name in given.keys() - fields.keys():
        yield {"field": name, "message": "there is no such field"}


def _is_struct(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, msgspec.Struct)


def _fault(text: str, name: str = "") -> dict[str, str]:
    found = _PLACE.match(text)
    assert found is not None
    inner = found["field"] or ""
    joint = "." if name and inner and not inner.startswith("[") else ""
    return {"field": f"{name}{joint}{inner}" or "body", "message": found["message"]}
