"""Sends requests, blocking or not, and sends again what may be sent again.

The course of a call is one generator for both ways: it is told what came of a try, and says how long to wait before the next.
"""

import asyncio
import random
import time
from collections.abc import Generator
from typing import Any, TypeVar

import httpx
import msgspec

from rtcstack.client.errors import NO_ANSWER, UNREADABLE, RtcstackError, error_of, without_answer
from rtcstack.client.request import Request

T = TypeVar("T")
Outcome = httpx.Response | httpx.RequestError
Course = Generator[float, Outcome, T]

_AGAIN = {429, 502, 503, 504}
_IN_PROGRESS = "idempotency_in_progress"
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


class Session:
    """The connections to one server with one key."""

    def __init__(self, url: str, key: str, *, timeout_s: float, retries: int) -> None:
        self._options: dict[str, Any] = {
            "base_url": _checked_url(url),
            "timeout": timeout_s,
            "headers": {"authorization": f"Bearer {_checked_key(key)}"} if key else {},
        }
        self._retries = retries
        self._blocking: httpx.Client | None = None
        self._awaiting: httpx.AsyncClient | None = None

    async def send(self, request: Request[T]) -> T:
        self._awaiting = self._awaiting or httpx.AsyncClient(**self._options)
        course = self._course(request)
        pause_s = next(course)
        while True:
            await asyncio.sleep(pause_s)
            outcome: Outcome
            try:
                outcome = await self._awaiting.send(_prepared(self._awaiting, request))
            except httpx.RequestError as e:
                outcome = e
            try:
                pause_s = course.send(outcome)
            except StopIteration as done:
                answer: T = done.value
                return answer

    def send_blocking(self, request: Request[T]) -> T:
        self._blocking = self._blocking or httpx.Client(**self._options)
        course = self._course(request)
        pause_s = next(course)
        while True:
            time.sleep(pause_s)
            outcome: Outcome
            try:
                outcome = self._blocking.send(_prepared(self._blocking, request))
            except httpx.RequestError as e:
                outcome = e
            try:
                pause_s = course.send(outcome)
            except StopIteration as done:
                answer: T = done.value
                return answer

    def _course(self, request: Request[T]) -> Generator[float, Outcome, T]:
        """Yield how long to wait before each try, take what came of it; return the answer or raise `RtcstackError`."""
        pause_s, tried = 0.0, 0
        while True:
            outcome = yield pause_s
            if isinstance(outcome, httpx.RequestError):
                error = without_answer(outcome)
            elif outcome.is_success or outcome.status_code in request.also_fine:
                return _read(request, outcome)
            else:
                error = error_of(outcome)
            pause_s = _pause_s(error, tried)
            if tried == self._retries or not _may_come_again(error) or pause_s > _LONGEST_PAUSE_S:
                raise error from outcome if isinstance(outcome, httpx.RequestError) else None
            tried += 1

    def close(self) -> None:
        if self._blocking:
            self._blocking.close()

    async def aclose(self) -> None:
        self.close()
        if self._awaiting:
            await self._awaiting.aclose()


def _checked_url(url: str) -> str:
    """Raises `ValueError`."""
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL as e:
        raise ValueError(f"{url!r} is no address: {e}") from e
    if read.scheme not in {"http", "https"} or not read.host:
        raise ValueError(f"{url!r} is no address of a server; it begins with http:// or https://")
    return url


def _checked_key(key: str) -> str:
    """Raises `ValueError`, which does not show the key."""
    if not (key.isascii() and key.isprintable()):
        raise ValueError("the key has a character that no key has; is there a line break at its end?")
    return key


def _prepared(client: httpx.Client | httpx.AsyncClient, request: Request[Any]) -> httpx.Request:
    return client.build_request(
        request.method, request.url, params=request.params, headers=request.headers, content=request.content
    )


def _read(request: Request[T], response: httpx.Response) -> T:
    try:
        return request.read(response)
    except msgspec.DecodeError as e:
        text = f"the answer is not what the API's document says: {e}"
        raise RtcstackError(text, status=response.status_code, code=UNREADABLE) from e


def _may_come_again(error: RtcstackError) -> bool:
    """Every call may be sent twice: what is no POST has the same effect twice, and a POST carries its idempotency key."""
    return error.status in _AGAIN or error.code in {NO_ANSWER, _IN_PROGRESS}


def _pause_s(error: RtcstackError, tried: int) -> float:
    """Return what the server asks for, otherwise twice as long each time, with a spread so that callers do not come together."""
    if error.retry_after_s is not None:
        return error.retry_after_s
    return _FIRST_PAUSE_S * float(2**tried) * random.uniform(0.8, 1.2)  # noqa: S311  # a spread, no secret
