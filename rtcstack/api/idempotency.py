"""The header `Idempotency-Key` on POST: the same call again gets the answer of the first, and does nothing."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from rtcstack.api.errors import ErrorBody, render, render_http
from rtcstack.domain.api_key import Principal
from rtcstack.domain.api_key import Scope as KeyScope
from rtcstack.domain.idempotency import Answer, Call, check_key, fingerprint
from rtcstack.errors import Invalid, RtcError, Unauthenticated
from rtcstack.services.access import Access
from rtcstack.services.idempotency import Idempotency

HEADER = "idempotency-key"
_RAW_HEADER = HEADER.encode()
REPLAYED = "idempotent-replayed"


class IdempotencyMiddleware:
    """Stands between the request id and the handler; a caller without a valid key never meets a stored answer."""

    def __init__(self, app: ASGIApp, *, access: Access, idempotency: Idempotency) -> None:
        self._app, self._access, self._idempotency = app, access, idempotency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or not _has_key(scope):
            await self._app(scope, receive, send)
            return
        request = Request[Any, Any, Any](scope, receive=receive)
        try:
            await self._keyed(request, receive, send)
        except RtcError as e:
            await _refuse(render(request, e), request, receive, send)
        except HTTPException as e:
            await _refuse(render_http(request, e), request, receive, send)

    async def _keyed(self, request: Request[Any, Any, Any], receive: Receive, send: Send) -> None:
        keys = request.headers.getall(HEADER)
        if len(keys) > 1:
            raise Invalid(
                "Send one Idempotency-Key.", code="invalid_idempotency_key", field="Idempotency-Key"
            )
        key = check_key(keys[0])
        who = await self._writer(request)
        if who is None:
            await self._app(request.scope, receive, send)
            return
        # Litestar keeps the body in the scope for the handler, and refuses it here when it is over the limit.
        body = await request.body()
        call = Call(who.tenant_id, key, fingerprint(request.method, request.scope["path"], body))
        begun = await self._idempotency.begin(call)
        if isinstance(begun, Answer):
            await _replay(begun, send)
        else:
            await self._first(call, begun, request.scope, receive, send)

    async def _writer(self, request: Request[Any, Any, Any]) -> Principal | None:
        """Return who asks; of one who may not write, None: the handler says why."""
        try:
            who = await self._access.principal(request.headers.get("authorization"))
        except Unauthenticated:
            return None
        return who if who.may(KeyScope.WRITE) else None

    async def _first(
        self, call: Call, claimed_at_ms: int, scope: HTTPScope, receive: Receive, send: Send
    ) -> None:
        """Do the call, store its answer, then send it: what the caller has seen is there for the next time."""
        messages: list[Message] = []

        async def hold(message: Message) -> None:
            messages.append(message)

        answer = Answer(500, "")
        try:
            await self._app(scope, receive, hold)
            answer = _answer(messages)
        finally:
            await self._idempotency.finish(call, claimed_at_ms, answer)
        for message in messages:
            await send(message)


def _has_key(scope: HTTPScope) -> bool:
    return any(name == _RAW_HEADER for name, _ in scope["headers"])


async def _refuse(
    response: Response[ErrorBody], request: Request[Any, Any, Any], receive: Receive, send: Send
) -> None:
    await response.to_asgi_response(None, request)(request.scope, receive, send)


def _answer(messages: list[Message]) -> Answer:
    status, body = 500, b""
    for message in messages:
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            body += message["body"]
    return Answer(status, body.decode())


async def _replay(answer: Answer, send: Send) -> None:
    body = answer.body.encode()
    start: Message = {"type": "http.response.start", "status": answer.status_code, "headers": []}
    headers = MutableScopeHeaders.from_message(start)
    headers[REPLAYED] = "true"
    if body:
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body))
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
