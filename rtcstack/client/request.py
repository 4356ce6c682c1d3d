"""One call's request, and what its answer is read as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec

T = TypeVar("T")


class _Envelope(msgspec.Struct, Generic[T]):
    data: T


@dataclass(frozen=True)
class Request(Generic[T]):
    """`operation` is method and path as in the API's document. Parameters and fields that are None are left out.

    A POST has an idempotency key from the beginning, so that it may be sent again when no answer came.
    """

    operation: str
    kind: type[T]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    in_envelope: bool = False
    also_fine: tuple[int, ...] = ()
    """Statuses above 399 whose body is an answer like any other."""
    idempotency_key: str = field(default_factory=lambda: uuid4().hex)

    @property
    def method(self) -> str:
        return self.operation.split(" ")[0]

    @property
    def url(self) -> str:
        template = self.operation.split(" ")[1]
        return template.format(**{name: quote(value, safe="") for name, value in self.path.items()})

    @property
    def params(self) -> dict[str, Any]:
        return {name: value for name, value in self.query.items() if value is not None}

    @property
    def headers(self) -> dict[str, str]:
        headers = {"idempotency-key": self.idempotency_key} if self.method == "POST" else {}
        return headers if self.body is None else {**headers, "content-type": "application/json"}

    @property
    def content(self) -> bytes | None:
        if self.body is None:
            return None
        return msgspec.json.encode({name: value for name, value in self.body.items() if value is not None})

    def read(self, response: httpx.Response) -> T:
        """Raise `msgspec.ValidationError` if the answer is not what the API's document says."""
        if response.headers.get("content-type", "").startswith("text/vtt"):
            return msgspec.convert(response.text, self.kind)
        kind: Any = _Envelope[self.kind] if self.in_envelope else self.kind  # type: ignore[name-defined]  # a type made at run time
        answer = msgspec.json.decode(response.content or b"null", type=kind)
        found: T = answer.data if self.in_envelope else answer
        return found
