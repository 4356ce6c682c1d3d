"""A collection for Bruno (https://www.usebruno.com): a text file for each call, in a folder for each subject."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.docs.document import Document, Operation, slug

VARIABLES: Mapping[str, str] = {
    "room_id": "room-abc",
    "hall_id": "h_01j9x2kp3n8fxrqk4m2b",
    "recording_id": "rec_01j9x2kp3n8fxrqk4m2b",
    "clip_id": "clip_01j9xz4m2bkp3n8fxrqk",
    "webhook_id": "whk_01j9x2kp3n8fxrqk4m2b",
    "identity": "ada",
}
"""What stands for the parameters of paths, until somebody sets it to something of his own."""
URL = "http://localhost:8080"
_AUTH = "auth {\n  mode: bearer\n}\n\nauth:bearer {\n  token: {{key}}\n}\n"


def files(document: Document) -> dict[str, str]:
    """Return each file's text by its path in the collection."""
    made = {
        "bruno.json": json.dumps({"version": "1", "name": "rtcstack", "type": "collection"}, indent=2) + "\n",
        "collection.bru": _AUTH,
        "environments/local.bru": _environment(),
    }
    for number, tag in enumerate(document.tags, 1):
        folder = slug(tag)
        made[f"{folder}/folder.bru"] = _block("meta", {"name": tag, "seq": number})
        for one in document.operations(tag):
            made[f"{folder}/{slug(one.summary)}.bru"] = "\n".join(_blocks(one))
    return made


def _environment() -> str:
    return _block("vars", {"url": URL, **VARIABLES}) + "\nvars:secret [\n  key\n]\n"


def _block(name: str, fields: Mapping[str, Any]) -> str:
    return "\n".join([f"{name} {{", *(f"  {key}: {value}" for key, value in fields.items()), "}", ""])


def _blocks(one: Operation) -> Iterator[str]:
    yield _block("meta", {"name": one.summary, "type": "http", "seq": one.number})
    url = "{{url}}" + one.path.replace("{", ":").replace("}", "")
    auth, body = "none" if one.is_open else "inherit", "json" if one.body else "none"
    yield _block(one.method.lower(), {"url": url, "body": body, "auth": auth})
    if in_query := one.parameters("query"):
        yield _block("params:query", {f"~{p['name']}": _given(p) for p in in_query})
    if in_path := one.parameters("path"):
        yield _block("params:path", {p["name"]: f"{{{{{p['name']}}}}}" for p in in_path})
    if one.body:
        yield _indented("body:json", json.dumps(example_of(one), indent=2, ensure_ascii=False))
    if one.description:
        yield _indented("docs", one.description)


def example_of(one: Operation) -> dict[str, Any]:
    """Return the body's example without what is null there: left out is the same."""
    example = (one.body or {}).get("example") or {}
    return {name: value for name, value in example.items() if value is not None}


def _given(parameter: Mapping[str, Any]) -> Any:
    return parameter["schema"].get("default", "")


def _indented(name: str, text: str) -> str:
    return "\n".join([f"{name} {{", *(f"  {line}" for line in text.splitlines()), "}", ""])
