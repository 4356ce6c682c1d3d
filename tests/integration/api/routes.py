"""The routes of the running API, as its own OpenAPI document lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.integration.api.conftest import Api

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One operation; `body` is its documented example."""

    method: str
    path: str
    params: tuple[str, ...]
    body: Any

    @property
    def makes_a_room_known(self) -> bool:
        """Whether any id is fine: a token or a link works before its room is there."""
        return self.path.endswith(("/tokens", "/invites"))

    async def call(
        self, api: Api, ids: Mapping[str, str], headers: Mapping[str, str], *, is_raw: bool = False
    ) -> httpx.Response:
        """Call it with these values in its path; raw ones are percent-encoded already."""
        given = {name: ids[name] if is_raw else quote(ids[name], safe="") for name in self.params}
        path = self.path.format(**given)
        return await api.http.request(self.method, path, json=self.body, headers=dict(headers))


async def routes_with_ids(api: Api) -> list[Route]:
    document = (await api.http.get("/schema/openapi.json")).raise_for_status().json()
    routes = [
        Route(method, path, _params(item[method]), _example(item[method]))
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item and _params(item[method])
    ]
    assert len(routes) > 20
    return routes


def _params(operation: dict[str, Any]) -> tuple[str, ...]:
    return tuple(p["name"] for p in operation.get("parameters", ()) if p["in"] == "path")


def _example(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    return next((media["example"] for media in content.values()), None)
