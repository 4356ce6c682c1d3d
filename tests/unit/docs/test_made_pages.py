"""What of docs/ is made from the OpenAPI document is what the code makes now; each collection has every operation."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.docs.__main__ import made, written
from deploy.docs.document import Document, Operation, read_document

_DOCS = Path(__file__).parents[3] / "docs"
_BLOCK = re.compile(r"([\w:-]+) ([{\[])\n(.*?)\n?^[}\]]$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def document() -> Document:
    return read_document()


@pytest.fixture(scope="module")
def operations(document: Document) -> list[Operation]:
    return [one for tag in document.tags for one in document.operations(tag)]


def test_what_is_made_is_not_stale(document: Document) -> None:
    wanted = made(document)
    assert written(_DOCS) == set(wanted), "run scripts/docs"
    stale = [name for name, text in wanted.items() if (_DOCS / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run scripts/docs"


def test_the_reference_has_every_operation_and_schema(
    document: Document, operations: list[Operation]
) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (_DOCS / "reference").glob("*.md"))
    assert len(operations) > 50
    assert [one.path for one in operations if f"\n`{one.method} {one.path}`\n" not in pages] == []
    names = [name for name in document.schemas if not name.startswith("Envelope_")]
    assert [name for name in names if f"\n## {name}\n" not in pages] == []


def test_the_bruno_collection_has_every_operation_and_its_files_parse(operations: list[Operation]) -> None:
    folder = _DOCS / "bruno"
    assert json.loads((folder / "bruno.json").read_text(encoding="utf-8"))["type"] == "collection"
    files = [file for file in folder.rglob("*.bru") if file.name != "folder.bru"]
    parsed = {file: _blocks(file.read_text(encoding="utf-8")) for file in files}
    calls = {_call(blocks) for blocks in parsed.values() if "meta" in blocks}
    assert calls == {f"{one.method} {one.path}" for one in operations}
    assert {"url", "room_id", "recording_id"} <= set(
        _fields(parsed[folder / "environments/local.bru"]["vars"])
    )


def _blocks(text: str) -> dict[str, str]:
    """Return each block's content by its name; fails if there is anything else in the file."""
    assert _BLOCK.sub("", text).strip() == "", text
    found = {name: content for name, _, content in _BLOCK.findall(text)}
    if "body:json" in found:
        json.loads(found["body:json"])
    return found


def _fields(content: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\S+): (.*)$", content, re.MULTILINE))


def _call(blocks: dict[str, str]) -> str:
    [method] = set(blocks) & {"get", "post", "put", "patch", "delete"}
    url = _fields(blocks[method])["url"].removeprefix("{{url}}")
    names = set(_fields(blocks.get("params:path", "")))
    assert names == set(re.findall(r":(\w+)", url))
    return _rebuilt(method, url)


def _rebuilt(method: str, url: str) -> str:
    return f"{method.upper()} " + re.sub(r":(\w+)", r"{\1}", url)


def test_the_postman_collection_has_every_operation(operations: list[Operation]) -> None:
    file = _DOCS / "postman" / "rtcstack.postman_collection.json"
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert content["info"]["schema"].endswith("/v2.1.0/collection.json")
    requests = [entry["request"] for folder in content["item"] for entry in folder["item"]]
    calls = [_rebuilt(one["method"], one["url"]["raw"].removeprefix("{{url}}")) for one in requests]
    assert sorted(calls) == sorted(f"{one.method} {one.path}" for one in operations)
    for one in requests:
        assert "/".join(one["url"]["path"]) == one["url"]["raw"].removeprefix("{{url}}/")
        json.loads(one.get("body", {}).get("raw", "{}"))
