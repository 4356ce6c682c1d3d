"""The outermost layer, around the whole application, unknown paths included: who calls, how often, under which request id,
how long an answer takes, and headers of every answer.

Plain ASGI, since each call goes through it.
"""

import math
import time
from collections.abc import Iterable

import msgspec
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rtcstack import log
from rtcstack.api.errors import ErrorBody, ErrorDetail
from rtcstack.api.limits import CallLimits
from rtcstack.api.request_id import HEADER, request_id_of
from rtcstack.domain.audit import SYSTEM
from rtcstack.metrics.http import observe
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
_POLICY, _FRAME_OPTIONS = b"content-security-policy", b"x-frame-options"
_NAMES_FRAMES, _NO_FRAMES = b"frame-ancestors", b"frame-ancestors 'none'"
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
        began_s = time.perf_counter()
        address, has_key, request_id = _caller(scope, limits)
        id_header = (HEADER, request_id.encode())
        is_limited = limits.is_on and not scope["path"].startswith(_HOOKS)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_ours(message["headers"], id_header)
                route, status = scope.get("path_template"), message["status"]
                observe(route, scope["method"], status, time.perf_counter() - began_s)
                if is_limited and has_key and status == _UNKNOWN_KEY:
                    limits.count_wrong_key(address)
            await send(message)

        before = acting.set(SYSTEM)  # a task may begin with the context of the call before it
        about = log.begin_anew(request_id=request_id)
        try:
            wait_s = limits.take_address(address, has_key=has_key) if is_limited else 0.0
            await (_refuse(wait_s, request_id, send_guarded) if wait_s else app(scope, receive, send_guarded))
        finally:
            acting.reset(before)
            log.end(about)

    return edge


def _caller(scope: Scope, limits: CallLimits) -> tuple[str, bool, str]:
    """Return the caller's address, which takes the peer's place, whether the call brings a key, and its id."""
    forwarded, has_key, given = None, False, None
    for name, value in scope["headers"]:
        if name == b"authorization":
            has_key = True
        elif name == HEADER:
            given = value
        elif name == b"x-forwarded-for":  # each further one is the list's continuation
            text = value.decode("latin-1")
            forwarded = text if forwarded is None else f"{forwarded},{text}"
    client = scope["client"]
    peer = client[0] if client else ""
    address = limits.address_of(peer, forwarded)
    if address != peer:
        scope["client"] = (address, 0)
    return address, has_key, request_id_of(given)


def _with_ours(
    headers: Iterable[tuple[bytes, bytes]], id_header: tuple[bytes, bytes]
) -> list[tuple[bytes, bytes]]:
    own = [header for header in headers if header[0] != HEADER]
    own.append(id_header)
    given = {name: value for name, value in own if name in _OURS}
    if not given:
        return [*own, *_HEADERS]
    if _may_be_framed(given.get(_POLICY, b"")):
        given.setdefault(_FRAME_OPTIONS, b"")
    return [*own, *(h for h in _HEADERS if h[0] not in given)]


def _may_be_framed(policy: bytes) -> bool:
    """Return whether a page names sites for its frames: `X-Frame-Options` can name none, and would forbid them all."""
    return _NAMES_FRAMES in policy and _NO_FRAMES not in policy


async def _refuse(wait_s: float, request_id: str, send: Send) -> None:
    text = "Too many calls come from this address, or too many with a wrong key."
    body = msgspec.json.encode(ErrorBody(ErrorDetail("rate_limited", text, request_id)))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(math.ceil(wait_s)).encode()),
    ]
    await send({"type": "http.response.start", "status": _TOO_MANY, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
