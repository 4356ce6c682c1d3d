"""The outermost layer, around the whole application, unknown paths included: who calls, how often, and headers of every answer.

Plain ASGI, since each call goes through it.
"""

import math
from collections.abc import Iterable

import msgspec
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rtcstack.api.errors import ErrorBody, ErrorDetail
from rtcstack.api.limits import CallLimits
from rtcstack.api.request_id import new_request_id
from rtcstack.domain.audit import SYSTEM
from rtcstack.services.audit import acting

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""Answers hold what belongs to one tenant, links and secrets among it. What a handler sets itself is left as it is."""
_OURS = {name for name, _ in _HEADERS}
_HOOKS = "/hooks/"
"""LiveKit and the worker call these, each call is signed, and one that were refused would be lost."""
_UNKNOWN_KEY = 401
_TOO_MANY = 429


def guard(app: Litestar, limits: CallLimits) -> None:
    """Put the layer around what the application does with each call."""
    app.asgi_handler = _edge(app.asgi_handler, limits)


def _edge(app: ASGIApp, limits: CallLimits) -> ASGIApp:
    async def edge(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        address, has_key = _caller(scope, limits)
        is_limited = limits.is_on and not scope["path"].startswith(_HOOKS)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_ours(message["headers"])
                if is_limited and has_key and message["status"] == _UNKNOWN_KEY:
                    limits.count_wrong_key(address)
            await send(message)

        before = acting.set(SYSTEM)  # a task may begin with the context of the call before it
        try:
            wait_s = limits.take_address(address, has_key=has_key) if is_limited else 0.0
            await (_refuse(wait_s, send_guarded) if wait_s else app(scope, receive, send_guarded))
        finally:
            acting.reset(before)

    return edge


def _caller(scope: Scope, limits: CallLimits) -> tuple[str, bool]:
    """Return the caller's address, which takes the peer's place, and whether the call brings a key."""
    forwarded, has_key = None, False
    for name, value in scope["headers"]:
        if name == b"authorization":
            has_key = True
        elif name == b"x-forwarded-for":  # each further one is the list's continuation
            text = value.decode("latin-1")
            forwarded = text if forwarded is None else f"{forwarded},{text}"
    client = scope["client"]
    peer = client[0] if client else ""
    address = limits.address_of(peer, forwarded)
    if address != peer:
        scope["client"] = (address, 0)
    return address, has_key


def _with_ours(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = list(headers)
    given = {name for name, _ in own if name in _OURS}
    return [*own, *(_HEADERS if not given else (h for h in _HEADERS if h[0] not in given))]


async def _refuse(wait_s: float, send: Send) -> None:
    request_id = new_request_id()
    text = "Too many calls come from this address, or too many with a wrong key."
    body = msgspec.json.encode(ErrorBody(ErrorDetail("rate_limited", text, request_id)))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(math.ceil(wait_s)).encode()),
        (b"x-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": _TOO_MANY, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
