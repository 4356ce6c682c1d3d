"""The one error that calls raise."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import httpx
import msgspec

NO_ANSWER = "no_answer"
UNREADABLE = "unreadable_answer"


class RtcstackError(Exception):
    """A call that failed: refused by the server, or without an answer (`status` is None then).

    `code` is stable and what programs look at (docs/api names them all), `message` is for people. `retry_after_s` is how long
    the server asks to wait. `request_id` finds the call in the server's log.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str,
        details: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code = message, status, code
        self.details: Mapping[str, Any] = details or {}
        self.retry_after_s, self.request_id = retry_after_s, request_id

    def __str__(self) -> str:
        where = f" (HTTP {self.status}, {self.request_id})" if self.status else ""
        return f"{self.code}: {self.message}{where}"


class _Detail(msgspec.Struct):
    code: str
    message: str
    details: dict[str, Any] | None = None
    request_id: str | None = None


class _Body(msgspec.Struct):
    error: _Detail


def error_of(response: httpx.Response) -> RtcstackError:
    """Return what a refusal says; an answer that is not the API's own, as a proxy's, has the code `http_<status>`."""
    try:
        told = msgspec.json.decode(response.content, type=_Body).error
    except msgspec.DecodeError:
        told = _Detail(f"http_{response.status_code}", _unlike(response))
    return RtcstackError(
        told.message,
        status=response.status_code,
        code=told.code,
        details=told.details,
        retry_after_s=_retry_after_s(response.headers.get("retry-after")),
        request_id=told.request_id or response.headers.get("x-request-id"),
    )


def _unlike(response: httpx.Response) -> str:
    """Return what an answer says that is not the API's own."""
    if response.has_redirect_location:
        return f"The address has moved to {response.headers['location']}: give the client that one."
    return response.text[:500] or response.reason_phrase


def without_answer(error: httpx.RequestError) -> RtcstackError:
    """Return what it is when nothing came back, or something came that cannot be decoded."""
    code = UNREADABLE if isinstance(error, httpx.DecodingError) else NO_ANSWER
    return RtcstackError(str(error) or type(error).__name__, code=code)


def _retry_after_s(value: str | None) -> float | None:
    """Read seconds or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None
