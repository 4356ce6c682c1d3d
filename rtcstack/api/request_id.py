"""Every request has an id: in its answer (`x-request-id`), in error bodies, in every log line it causes."""

import secrets

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = b"x-request-id"
_KEY = "request_id"


def current_request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get(_KEY, ""))


def new_request_id() -> str:
    return f"req_{secrets.token_hex(8)}"


def request_id_middleware(app: ASGIApp) -> ASGIApp:
    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        request_id = new_request_id()
        header = (_HEADER, request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                # An error's answer has it already, for those that never come by here.
                message["headers"] = [*(h for h in message["headers"] if h[0] != _HEADER), header]
            await send(message)

        tokens = structlog.contextvars.bind_contextvars(**{_KEY: request_id})
        try:
            await app(scope, receive, send_with_id)
        finally:
            structlog.contextvars.reset_contextvars(**tokens)

    return middleware
