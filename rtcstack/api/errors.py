"""Our errors as HTTP answers: one table of statuses, one body for every surface.

{"error": {"code": "room_not_found", "message": "…", "details": {…}, "request_id": "req_…"}}
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from rtcstack import errors, log
from rtcstack.api.plain_words import plain
from rtcstack.api.request_id import current_request_id, new_request_id
from rtcstack.domain.recording import RecordingState

_log = log.get(__name__)

_STATUS: Mapping[type[errors.RtcError], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.DiskFull: 507,
    errors.RateLimited: 429,
    errors.Exhausted: 503,
    errors.Upstream: 503,
    errors.Internal: 500,
    errors.RtcError: 500,
}
_HTTP_WORDS: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "There is no such path; /schema lists them all."),
    405: ("method_not_allowed", "This path does not take that method; /schema lists what it takes."),
    413: ("body_too_large", "The body is larger than this server takes."),
}
_FAILURES: Mapping[int, tuple[str, str, str]] = {
    400: (
        "Malformed or invalid; each field is named",
        "invalid_request",
        "name: must be text, not a whole number",
    ),
    401: (
        "No key, an unknown or a revoked one",
        "missing_key",
        "Send an API key: `Authorization: Bearer rtc_live_…` (rtcstack keys create makes one).",
    ),
    403: (
        "The key's scope or the plan does not allow it",
        "scope_required",
        "This key has scope read; the call needs write.",
    ),
    404: ("There is no such thing", "room_not_found", "There is no room room-abc."),
    409: (
        "The state does not allow it, or the Idempotency-Key is taken",
        "idempotency_mismatch",
        "This Idempotency-Key was used for another call; every call needs a key of its own.",
    ),
    413: ("The body is over 1 MiB", "body_too_large", _HTTP_WORDS[413][1]),
    429: ("Too many calls; `Retry-After` says when again", "rate_limited", "This key makes too many calls."),
    500: (
        "A fault of the server; it is logged under the request id",
        "internal",
        "Something went wrong here; the log has the details under this request id.",
    ),
    503: ("A part is down; the message names it", "unavailable", "LiveKit does not answer."),
    507: (
        "No space left in the data folder",
        "disk_full",
        "There is no space left in the data folder; free some and try again.",
    ),
}
_ALWAYS = (400, 401, 413, 429, 500)
_RETRY_AFTER_S = 2.0
_UNAVAILABLE = 503
_SERVER_FAULT = 500
_BAD_REQUEST = 400


@dataclass(frozen=True)
class Words:
    """How a surface calls what the core tells of an error. A controller has them in its `opt`, under `WORDS`."""

    states: Mapping[RecordingState, str] = field(default_factory=dict)
    """Its words for a recording's states."""
    is_camel: bool = False


WORDS = "words"


class ErrorDetail(msgspec.Struct, omit_defaults=True):
    code: str
    message: str
    request_id: str
    details: dict[str, Any] | None = None


class ErrorBody(msgspec.Struct):
    error: ErrorDetail


def status_of(error: errors.RtcError) -> int:
    """Return the status of the most specific class that the table has."""
    return next(_STATUS[cls] for cls in type(error).__mro__ if cls in _STATUS)


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """Return the `responses` of a handler: the failures of its own, all of one shape.

    What any route may answer by its method (`api/openapi.py`) need not be named.
    """
    return {
        status: ResponseSpec(ErrorBody, description=_FAILURES[status][0], generate_examples=False)
        for status in sorted({*_ALWAYS, *statuses})
    }


def example_of(status: int) -> tuple[str, str, str]:
    """Return what a failure means, and an example's code and message."""
    return _FAILURES[status]


def _respond(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    *,
    is_retryable: bool = False,
    retry_after_s: float = _RETRY_AFTER_S,
) -> Response[ErrorBody]:
    request_id = current_request_id() or new_request_id()
    body = ErrorBody(ErrorDetail(code, message, request_id, dict(details) if details else None))
    headers = {"x-request-id": request_id}
    if is_retryable or status == _UNAVAILABLE:
        headers["retry-after"] = str(math.ceil(retry_after_s))
    return Response(body, status_code=status, headers=headers, media_type=MediaType.JSON)


def render(request: Request[Any, Any, Any], error: errors.RtcError) -> Response[ErrorBody]:
    status = status_of(error)
    if status >= _SERVER_FAULT:
        _log.warning(
            "request failed", path=request.url.path, status=status, error=error.message, **error.details
        )
    details = _in_words(error, _words_of(request))
    if isinstance(error, errors.RateLimited):
        wait_s = error.retry_after_s
        return _respond(status, error.word, error.message, details, is_retryable=True, retry_after_s=wait_s)
    return _respond(status, error.word, error.message, details, is_retryable=error.retryable)


def _words_of(request: Request[Any, Any, Any]) -> Words:
    handler = request.scope.get("route_handler")  # an unknown path has none
    words = handler.opt.get(WORDS) if handler else None
    return words if isinstance(words, Words) else Words()


def _in_words(error: errors.RtcError, words: Words) -> dict[str, Any]:
    """Return the details with the surface's names; what is wrong with fields always as a list of them."""
    details = dict(error.details)
    if "field" in details:
        details["fields"] = [{"field": _name(details.pop("field"), words), "message": error.message}]
    if "status" in details:
        details["status"] = words.states.get(details["status"], details["status"])
    return {_name(name, words): value for name, value in details.items()}


def _name(name: str, words: Words) -> str:
    return re.sub(r"_(\w)", lambda m: m[1].upper(), name) if words.is_camel else name


def render_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorBody]:
    """Litestar's own: no such path, wrong method, a body that does not fit."""
    if error.status_code >= _SERVER_FAULT:
        return render_unexpected(request, error)
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = [_field(fault) for fault in error.extra]
        return _respond(400, "invalid_request", "; ".join(_sentence(f) for f in fields), {"fields": fields})
    if error.status_code == _BAD_REQUEST:
        fault = {"field": "body", "message": error.detail}
        return _respond(
            400, "malformed_json", f"The body is not valid JSON: {error.detail}", {"fields": [fault]}
        )
    return _respond(error.status_code, *_HTTP_WORDS.get(error.status_code, ("invalid_request", error.detail)))


def render_too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[ErrorBody]:
    """The JSON reader gives up on a body that is nested a thousand deep; nothing else here recurses so far."""
    _log.warning("too deep", path=request.url.path, error=str(error))
    fault = {"field": "body", "message": "nested too deep"}
    return _respond(400, "malformed_json", "The body is nested too deep.", {"fields": [fault]})


def _field(fault: Mapping[str, str]) -> dict[str, str]:
    """Litestar calls the body `data`, and a missing one by nothing but that name."""
    name, message = fault.get("key", ""), fault["message"]
    if name == "data":
        return {
            "field": "body",
            "message": "a JSON body is required" if message == "'data'" else plain(message),
        }
    return {"field": name, "message": plain(message)}


def _sentence(fault: Mapping[str, str]) -> str:
    return f"{fault['field']}: {fault['message']}" if fault["field"] else fault["message"]


def render_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    _log.error("unexpected failure", path=request.url.path, exc_info=error)
    return _respond(
        500, "internal", "Something went wrong here; the log has the details under this request id."
    )


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    errors.RtcError: render,
    HTTPException: render_http,
    RecursionError: render_too_deep,
    Exception: render_unexpected,
}
