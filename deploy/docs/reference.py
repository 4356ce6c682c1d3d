"""The API reference: a page for each subject, and one with all objects."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deploy.docs.bruno import example_of
from deploy.docs.document import Document, Operation, anchor, slug
from deploy.docs.python import page
from deploy.docs.types import is_envelope, limits, name_of, words

_MADE = "<!-- Made by scripts/docs from the OpenAPI document; change that instead. -->"
_OBJECTS = "objects.md"
_IN_TWO_FILES = "_schemas_"
"""Stands in the names of schemas of which two files have one of that name."""
_OWN = {404, 409}
"""Failures that differ from call to call; the others mean the same everywhere and stand on the first page."""


def pages(document: Document) -> dict[str, str]:
    """Return each page's text by its name."""
    made = {f"{slug(tag)}.md": _subject(document, tag, about) for tag, about in document.tags.items()}
    return {
        "README.md": _text(_contents(document)),
        **made,
        _OBJECTS: _objects(document),
        "python-client.md": _text(page()),
    }


def _text(lines: Iterable[str]) -> str:
    text = "\n".join(lines).strip()
    return text.replace("\n\n\n", "\n\n") + f"\n\n{_MADE}\n"


def _contents(document: Document) -> Iterator[str]:
    yield from (
        "",
        "# API reference",
        "",
        "Each call with its fields, answers and failures, as the running code describes itself. The same as OpenAPI 3.1 is at",
        "`/schema` of each server. How the calls belong together is told in the [guides](../README.md); every call carries",
        "`Authorization: Bearer rtc_live_…` unless it says otherwise, every POST takes [`Idempotency-Key`](../api/rooms.md#doing-a-call-once),",
        "and every failure has [one body](../api/rooms.md#errors).",
        "",
        "| call | does |",
        "| --- | --- |",
    )
    for tag in document.tags:
        for one in document.operations(tag):
            yield f"| [`{one.method} {one.path}`]({slug(tag)}.md#{anchor(one.summary)}) | {_cell(one.summary)} |"
    yield from _failures_of_all(document)
    yield from (
        "",
        f"The objects in answers and bodies: [objects]({_OBJECTS}). In Python: [methods](python-client.md).",
    )


def _subject(document: Document, tag: str, about: str) -> str:
    lines = ["", f"# {tag}", "", about]
    for one in document.operations(tag):
        lines += _operation(document, one)
    return _text(lines)


def _operation(document: Document, one: Operation) -> Iterator[str]:
    yield from ("", f"## {one.summary}", "", f"`{one.method} {one.path}`", "")
    if one.description:
        yield from (one.description, "")
    yield from _parameters(one)
    if one.body:
        yield from _body(document, one.body, example_of(one))
    for status, told in one.answers:
        yield from _answer(status, told)
    yield from _failures(one)


def _parameters(one: Operation) -> Iterator[str]:
    shown = [*one.parameters("path"), *one.parameters("query")]
    if not shown:
        return
    yield from ("| parameter | | type | means |", "| --- | --- | --- | --- |")
    for parameter in shown:
        place = "in the path" if parameter["in"] == "path" else "query"
        kind = words(parameter["schema"], _link)
        told = ", ".join(filter(None, (kind, limits(parameter["schema"]))))
        yield f"| `{parameter['name']}` | {place} | {_cell(told)} | {_cell(parameter['description'])} |"
    yield ""


def _body(document: Document, body: Mapping[str, Any], example: Mapping[str, Any]) -> Iterator[str]:
    schema = document.schemas[name_of(body["schema"])]
    yield from ("Body:", "")
    yield from _fields(schema)
    yield from _example(example)


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    required = set(schema.get("required", ()))
    yield from ("| field | type | means |", "| --- | --- | --- |")
    for name, kind in schema.get("properties", {}).items():
        told = (words(kind, _link), "required" if name in required else "", limits(kind))
        means = kind.get("description", "")
        yield f"| `{name}` | {_cell(', '.join(filter(None, told)))} | {_cell(means)} |"
    yield ""


def _answer(status: int, told: Mapping[str, Any]) -> Iterator[str]:
    content = told.get("content", {})
    if not content:
        yield from (f"Answer {status}, without a body.", "")
    for kind, media in content.items():
        if kind == "application/json":
            yield from (f"Answer {status}: {words(media['schema'], _link)}", "")
            yield from _example(media.get("example"))
        else:
            yield from (
                f"Answer {status}, `{kind}`:",
                "",
                "```text",
                str(media["example"]).rstrip(),
                "```",
                "",
            )


def _example(value: Any) -> Iterator[str]:
    yield from ("```json", json.dumps(value, indent=2, ensure_ascii=False), "```", "")


def _failures(one: Operation) -> Iterator[str]:
    own = [(status, told) for status, told in one.failures if status in _OWN]
    if own:
        yield from ("| failure | for example | means |", "| --- | --- | --- |")
        yield from (_failure(status, told) for status, told in own)
        yield ""


def _failure(status: int, told: Mapping[str, Any]) -> str:
    media: Mapping[str, Any] = next(iter(told.get("content", {}).values()), {})
    error = (media.get("example") or {}).get("error")
    code = f"`{error['code']}`: {error['message']}" if error else ""
    return f"| {status} | {_cell(code)} | {_cell(told['description'])} |"


def _failures_of_all(document: Document) -> Iterator[str]:
    calls = [one for tag in document.tags for one in document.operations(tag) if not one.is_open]
    known = {status: told for one in calls for status, told in one.failures if status not in _OWN}
    yield from ("", "Besides the failures that are shown with a call, each may answer with:", "")
    yield from ("| failure | for example | means |", "| --- | --- | --- |")
    yield from (_failure(status, told) for status, told in sorted(known.items()))


def _objects(document: Document) -> str:
    lines = ["", "# Objects", "", "What bodies and answers are made of."]
    for name, schema in sorted(document.schemas.items(), key=lambda item: item[0].lower()):
        if is_envelope(name):
            continue
        lines += ["", f"## {name}", ""]
        if about := " ".join(str(schema.get("description", "")).split()):
            lines += [about, ""]
        lines += list(_fields(schema)) if "properties" in schema else [words(schema, _link), ""]
    return _text(lines)


def _link(name: str) -> str:
    return f"[{name.rsplit(_IN_TWO_FILES, 1)[-1]}]({_OBJECTS}#{anchor(name)})"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
