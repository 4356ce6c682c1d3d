"""The page with all methods of the Python client, found by making each call with example values; nothing is sent."""

import inspect
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rtcstack.client import Call, Client, Pages
from rtcstack.client.request import Request

_MODULE = re.compile(r"\b(?:\w+\.)+(?=\w)")


@dataclass(frozen=True)
class Method:
    """`name` is `rooms.create`; `request` is what it makes."""

    name: str
    request: Request[Any]
    signature: inspect.Signature
    about: str


def methods() -> list[Method]:
    """Return all methods of the client, by subject in the order of its attributes."""
    client = Client("http://127.0.0.1:9", "key")
    return [
        Method(f"{subject}.{name}", _request(call), inspect.signature(call), inspect.getdoc(call) or "")
        for subject in vars(client)
        if not subject.startswith("_")
        for name, call in _public(getattr(client, subject))
    ]


def _public(calls: Any) -> Iterator[tuple[str, Any]]:
    for name in vars(type(calls)):
        if not name.startswith("_"):
            yield name, getattr(calls, name)


def _request(call: Any) -> Request[Any]:
    wanted = [p for p in inspect.signature(call).parameters.values() if p.default is p.empty]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it is never sent, which is meant
        made: Call[Any] | Pages[Any, Any] = call(
            **{p.name: 1.5 if p.annotation is float else p.name for p in wanted}
        )
        one = made.page() if isinstance(made, Pages) else made
        request = one.request
        del made, one
    return request


def page() -> Iterator[str]:
    """Return the page's lines."""
    yield from ("", "# Methods of the Python client", "")
    yield from (
        "How they are used is told in [Python client](../client.md). `await` or `.execute()` sends a call.",
        "",
    )
    subject = ""
    for method in methods():
        if subject != method.name.split(".")[0]:
            subject = method.name.split(".")[0]
            yield from ("", f"## {subject}", "", "| method | calls | answers with |", "| --- | --- | --- |")
        about = f": {' '.join(method.about.split())}" if method.about else ""
        yield f"| `{method.name}({_parameters(method)})`{about} | `{method.request.operation}` | `{_answer(method)}` |"


def _parameters(method: Method) -> str:
    shown: list[str] = []
    is_named = False
    for parameter in method.signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not is_named:
            shown, is_named = [*shown, "*"], True
        shown.append(f"{parameter.name}{'' if parameter.default is parameter.empty else '=None'}")
    return ", ".join(shown)


def _answer(method: Method) -> str:
    kind = method.request.kind
    is_page = "Pages" in str(method.signature.return_annotation)
    name = _MODULE.sub("", str(kind)) if "[" in str(kind) else kind.__name__
    return f"pages: {name}" if is_page else name.replace("NoneType", "None")
