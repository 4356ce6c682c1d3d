"""What a person sees when something is refused: a page, a sentence on the page that is there, or the way to sign in."""

import json
import math
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from rtcstack import errors, log
from rtcstack.api.errors import render_http, status_of
from rtcstack.dashboard.fields import SAFE, AnyRequest
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.refusals import for_people
from rtcstack.plural import counted

_log = log.get(__name__)
_SERVER_FAULT = 500
_NOWHERE = frozenset({"", "/", "/live", "/live?all=1", "/tenant"})
"""No page that one would come back to."""
_TITLES = {403: "Not allowed", 404: "Not found", 429: "Too many tries", 503: "Not available now"}


def refused(request: AnyRequest, error: errors.RtcError) -> Response[Any]:
    if error.word == "signed_out":
        return _to_sign_in(request)
    told = _told(request, status_of(error), _words(error), _headers(error), error.details.get("field"))
    if error.word == "other_tenant" and request.method == "GET":
        told.headers["hx-trigger"] = json.dumps({"refused": error.message, "stale": True})
    return told


def _words(error: errors.RtcError) -> str:
    """Return what is refused, and when to try again, if that is known."""
    message = for_people(error.message)
    if not isinstance(error, errors.RateLimited):
        return message
    return f"{message} Try again in {counted(math.ceil(error.retry_after_s), 'second')}."


def _headers(error: errors.RtcError) -> dict[str, str]:
    return (
        {"retry-after": str(math.ceil(error.retry_after_s))} if isinstance(error, errors.RateLimited) else {}
    )


def _to_sign_in(request: AnyRequest) -> Response[Any]:
    """Whoever was at work comes back to the page that was looked at."""
    asked = _page_of(request)
    to = "/sign-in" + (f"?next={quote(asked, safe='')}" if asked not in _NOWHERE else "")
    if "hx-request" in request.headers:
        return Response(None, status_code=401, headers={"hx-redirect": to})
    return Redirect(to, status_code=303)


def _page_of(request: AnyRequest) -> str:
    """Return the path of the page: the one that is asked for, or the one that a form or a part of it stands on."""
    is_whole = request.method == "GET" and "hx-request" not in request.headers
    name = "hx-current-url" if "hx-request" in request.headers else "referer"
    url = urlsplit(str(request.url) if is_whole else request.headers.get(name, ""))
    return url.path + (f"?{url.query}" if url.query else "")


def refused_by_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if error.status_code >= _SERVER_FAULT:
        return unexpected(request, error)
    return _told(request, error.status_code, error.detail, {})


def unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    _log.error("unexpected failure", path=request.url.path, exc_info=error)
    return _told(request, 500, "Something went wrong here; the log has the details.", {})


def no_such_path(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Answer for a path that nothing has: a person at a browser in words, a program as the API does."""
    is_page = not request.url.path.startswith(("/v1/", "/api/"))
    if is_page and request.method in SAFE and "text/html" in request.headers.get("accept", ""):
        return _told(request, error.status_code, "There is no such page.", {})
    return render_http(request, error)


def _told(
    request: AnyRequest, status: int, message: str, headers: dict[str, str], field: str | None = None
) -> Response[Any]:
    """`field` is the one of a form that is wrong."""
    if "hx-request" in request.headers:
        trigger = {"refused": message, **({"wrong": field} if field else {})}
        return Response(None, status_code=status, headers={**headers, "hx-trigger": json.dumps(trigger)})
    made = page(
        "fault.html", None, status=status, title=_TITLES.get(status, "That did not work"), message=message
    )
    made.headers.update(headers)
    return made


HANDLERS: ExceptionHandlersMap = {
    errors.RtcError: refused,
    HTTPException: refused_by_http,
    Exception: unexpected,
}
