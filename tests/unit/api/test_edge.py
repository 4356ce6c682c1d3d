"""The layer around the application."""

import asyncio
from contextvars import copy_context
from typing import Any

from litestar import Litestar, Response, get
from litestar.params import FromPath

from rtcstack import log
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


@get("/framed/{ancestors:str}")
async def _framed(ancestors: FromPath[str]) -> Response[str]:
    policy = f"default-src 'self'; frame-ancestors {ancestors}"
    return Response("", headers={"content-security-policy": policy})


@get("/about")
async def _about() -> str:
    before = f"{log.current('tenant')},{log.current('request_id')}"
    log.note(tenant="acme")
    return before


@get("/act")
async def _act() -> str:
    before = acting.get().kind
    acting.set(Actor("key", "ada"))
    return before


async def _call(app: Litestar, path: str, **given: str) -> tuple[dict[str, str], bytes]:
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
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        "client": ("203.0.113.7", 1),
        "asgi": {"version": "3.0"},
    }
    await app(scope, receive, send)
    headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    assert len(dict(headers)) == len(headers)
    return dict(headers), sent[1]["body"]


def _app() -> Litestar:
    app = Litestar([_page, _framed, _act, _about], openapi_config=None)
    guard(app, CallLimits(Limits(), is_loopback=True))
    return app


async def test_what_a_handler_says_itself_stays() -> None:
    headers, _ = await _call(_app(), "/page")
    assert headers["cache-control"] == "max-age=60"
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


async def test_a_page_that_names_sites_for_its_frame_is_not_denied_to_them() -> None:
    assert "x-frame-options" not in (await _call(_app(), "/framed/https:a.example"))[0]
    assert (await _call(_app(), "/framed/'none'"))[0]["x-frame-options"] == "DENY"


async def test_a_call_never_acts_for_whoever_made_the_one_before() -> None:
    app = _app()
    assert (await _call(app, "/act"))[1] == b"system"
    assert (await _call(app, "/act"))[1] == b"system"

    def as_ada() -> "asyncio.Task[tuple[dict[str, str], bytes]]":
        acting.set(Actor("key", "ada"))
        return asyncio.create_task(_call(app, "/act"))

    assert (await copy_context().run(as_ada))[1] == b"system"


async def test_lines_of_a_call_say_its_id_and_nothing_of_the_call_before() -> None:
    app = _app()

    async def two_in_a_row() -> list[tuple[dict[str, str], bytes]]:
        first = await _call(app, "/about", x_request_id="one")
        log.note(tenant="of the call before")
        return [first, await _call(app, "/about", x_request_id="two")]

    assert [body for _, body in await asyncio.create_task(two_in_a_row())] == [b",one", b",two"]
    assert log.current("request_id") == ""


async def test_every_answer_has_the_request_id_once() -> None:
    for path in ("/page", "/no/such/path"):
        assert (await _call(_app(), path, x_request_id="mine.1"))[0]["x-request-id"] == "mine.1"
        made = (await _call(_app(), path, x_request_id="not sane"))[0]["x-request-id"]
        assert made.startswith("req_")
