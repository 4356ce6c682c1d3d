"""The layer around the application."""

import asyncio
from contextvars import copy_context
from typing import Any

from litestar import Litestar, Response, get

from rtcstack.api.edge import guard
from rtcstack.api.limits import CallLimits
from rtcstack.domain.audit import Actor
from rtcstack.services.audit import acting
from rtcstack.settings.guarding import Limits


@get("/page")
async def _page() -> Response[str]:
    return Response(
        "", headers={"cache-control": "max-age=60", "content-security-policy": "default-src 'self'"}
    )


@get("/act")
async def _act() -> str:
    before = acting.get().kind
    acting.set(Actor("key", "ada"))
    return before


async def _call(app: Litestar, path: str) -> tuple[dict[str, str], bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("203.0.113.7", 1),
        "asgi": {"version": "3.0"},
    }
    await app(scope, receive, send)
    headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    assert len(dict(headers)) == len(headers)
    return dict(headers), sent[1]["body"]


def _app() -> Litestar:
    app = Litestar([_page, _act], openapi_config=None)
    guard(app, CallLimits(Limits(), is_loopback=True))
    return app


async def test_what_a_handler_says_itself_stays() -> None:
    headers, _ = await _call(_app(), "/page")
    assert headers["cache-control"] == "max-age=60"
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_call_never_acts_for_whoever_made_the_one_before() -> None:
    app = _app()
    assert (await _call(app, "/act"))[1] == b"system"
    assert (await _call(app, "/act"))[1] == b"system"

    def as_ada() -> "asyncio.Task[tuple[dict[str, str], bytes]]":
        acting.set(Actor("key", "ada"))
        return asyncio.create_task(_call(app, "/act"))

    assert (await copy_context().run(as_ada))[1] == b"system"
