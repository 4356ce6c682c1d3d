"""The OpenAPI document of the running code, as the writers of pages and collections need it."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtcstack.app import create_app
from rtcstack.settings import load

_METHODS = ("get", "post", "put", "patch", "delete")
_KEYS = {"RTCSTACK_LIVEKIT__API_KEY": "none", "RTCSTACK_LIVEKIT__API_SECRET": "none"}
_FAILURE = 400


@dataclass(frozen=True)
class Operation:
    """One call: `GET /v1/rooms`. `number` counts within its tag, from 1."""

    method: str
    path: str
    tag: str
    number: int
    told: Mapping[str, Any]

    @property
    def summary(self) -> str:
        return str(self.told["summary"])

    @property
    def description(self) -> str:
        return " ".join(str(self.told.get("description") or "").split())

    @property
    def is_open(self) -> bool:
        """It needs no key."""
        return self.told.get("security") == []

    def parameters(self, place: str) -> list[Mapping[str, Any]]:
        return [one for one in self.told.get("parameters", ()) if one["in"] == place]

    @property
    def body(self) -> Mapping[str, Any] | None:
        """Schema and example of what is sent, if something is."""
        found: Mapping[str, Any] | None = (
            self.told.get("requestBody", {}).get("content", {}).get("application/json")
        )
        return found

    @property
    def answers(self) -> list[tuple[int, Mapping[str, Any]]]:
        return [(int(s), told) for s, told in self.told["responses"].items() if int(s) < _FAILURE]

    @property
    def failures(self) -> list[tuple[int, Mapping[str, Any]]]:
        return sorted((int(s), told) for s, told in self.told["responses"].items() if int(s) >= _FAILURE)


class Document:
    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self.schemas: Mapping[str, Mapping[str, Any]] = content["components"]["schemas"]
        self.tags: Mapping[str, str] = {tag["name"]: tag["description"] for tag in content["tags"]}

    def operations(self, tag: str) -> list[Operation]:
        return [
            Operation(method, path, tag, number, told)
            for number, (method, path, told) in enumerate(self._told(tag), 1)
        ]

    def _told(self, tag: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, item in self._content["paths"].items():
            for method in _METHODS:
                if method in item and item[method]["tags"] == [tag]:
                    yield method.upper(), path, item[method]


def read_document() -> Document:
    """Make the application, without a server, and return what it says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load(_KEYS, data=Path(folder)))
        return Document(app.openapi_schema.to_schema())


def slug(text: str) -> str:
    """Return a file's name for a heading."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def anchor(heading: str) -> str:
    """Return what a heading is linked to as, by plain forges and by the site alike."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
