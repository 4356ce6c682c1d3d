"""Every request has an id: in its answer (`x-request-id`), in error bodies, in every log line it causes."""

import secrets

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = "x-request-id"
_KEY = "request_id"


def current_request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get(_KEY, ""))


def new_request_id() -> str:
    return f"req_{secrets.token_hex(8)}"


def request_id_middleware(app: ASGIApp) -> ASGIApp:
    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        request_id = new_request_id()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableScopeHeaders.from_message(message)[_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(**{_KEY: request_id}):
            await app(scope, receive, send_with_id)

    return middleware
