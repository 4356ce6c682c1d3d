"""Bodies mean what they say: `"10"` is no number and 1 is not true, and every fault is told at once.

Litestar itself would take either for the other, tells the first fault only, and looks at no body that it does not need.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, get_args

import msgspec
from litestar import Request

from rtcstack.api.plain_words import plain
from rtcstack.errors import Invalid

RAW_BODY = "raw_body"
"""The `opt` of a handler that reads the body by itself."""
_WHOLE = re.compile(r"-?[0-9]+")
_PLACE = re.compile(r"^(?P<message>.*?)(?: - at (?:key in )?`\$\.?(?P<field>.*)`)?$", re.DOTALL)


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """What a call without a body may still send: an empty object."""


async def strict_body(request: Request[Any, Any, Any]) -> None:
    """Hold a JSON body against its type before the handler gets it; a call that takes none may send `{}`.

    A hook before the request and no guard: for a guard Litestar copies the handler, at every request.

    Raises:
        Invalid: it is no JSON; values have the wrong type or are out of bounds, are missing or unknown: each field is
            named.
    """
    handler = request.route_handler
    asked = getattr(handler, "parsed_data_field", None)
    if RAW_BODY in handler.opt or (asked is None and request.method != "POST"):
        return
    if body := await request.body():
        check(body, _struct(asked.annotation) if asked else _Nothing)


def whole_numbers(*names: str) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Return a hook for a GET: these parameters are whole numbers. Litestar takes `1e2` for one."""

    async def hold(request: Request[Any, Any, Any]) -> None:
        for name in names:
            if any(not _WHOLE.fullmatch(value) for value in request.query_params.getall(name, [])):
                raise Invalid(f"{name}: must be a whole number", field=name)

    return hold


def check(body: bytes, asked: Any) -> None:
    """Raises `Invalid`, as `strict_body`."""
    try:
        _hold(body, asked)
    except UnicodeDecodeError as e:
        raise _no_json("it is not UTF-8") from e
    except msgspec.DecodeError as e:
        raise _no_json(str(e)) from e


def _hold(body: bytes, asked: Any) -> None:
    try:
        msgspec.json.decode(body, type=asked)
    except msgspec.ValidationError as e:
        given = _given(body)
        faults = list(_faults(given, asked))
        faults += _fault_of_meaning(given, asked, {fault["field"].split(".")[0] for fault in faults})
        faults = faults or [_fault(str(e))]
        text = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults)
        raise Invalid(text, fields=faults) from e


def _given(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:  # a number that none can hold: it was named already
        return None


def _no_json(why: str) -> Invalid:
    fault = {"field": "body", "message": why}
    return Invalid(f"The body is not valid JSON: {why}", code="malformed_json", fields=[fault])


def _struct(annotation: Any) -> Any:
    """Return the body's own type, without the None that stands for no body at all."""
    return next((t for t in (annotation, *get_args(annotation)) if _is_struct(t)), annotation)


def _faults(given: Any, struct: Any) -> Iterator[dict[str, str]]:
    """Name what is wrong with each field of an object; nothing for what is no object."""
    if not _is_struct(struct) or not isinstance(given, dict):
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


def _fault_of_meaning(given: Any, struct: Any, named: set[str]) -> Iterator[dict[str, str]]:
    """Name what only the body's meaning shows in those fields that are sound by themselves."""
    if not named or not hasattr(struct, "to_domain"):
        return
    sound = {name: value for name, value in given.items() if name not in named}
    try:
        msgspec.convert(sound, struct).to_domain()
    except msgspec.ValidationError:  # a field that is missing was named already
        return
    except Invalid as e:
        if (field := e.details.get("field")) and field not in named:
            yield {"field": field, "message": e.message}


def _is_struct(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, msgspec.Struct)


def _fault(text: str, name: str = "") -> dict[str, str]:
    found = _PLACE.match(text)
    assert found is not None
    inner = found["field"] or ""
    joint = "." if name and inner and not inner.startswith("[") else ""
    return {"field": f"{name}{joint}{inner}" or "body", "message": plain(found["message"])}
