"""Asking something over HTTP: whether it answers, and what time it thinks it is."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

_TIMEOUT_S = 5
_MOST_CHARS = 4000
_HALF_A_SECOND = 0.5
"""The header counts in whole seconds, cut off: on average it says half of one too little."""


@dataclass(frozen=True, slots=True)
class Answer:
    url: str
    status: int | None = None
    """None when nothing came; `error` says why."""
    ahead_s: float | None = None
    """How far its clock is ahead of ours, by its `Date`; within a second."""
    body: str = ""
    error: str = ""

    @property
    def is_ok(self) -> bool:
        return self.status == HTTPStatus.OK

    @property
    def seen(self) -> str:
        return f"{self.url} {self.error or f'answered {self.status}'}"


async def ask(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what `GET url` brings; no redirect is followed."""
    began_s = time.time()
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session,
            session.get(url, headers=headers, allow_redirects=False) as got,
        ):
            ahead_s = ahead_of_us_s(got.headers.get("Date"), began_s, time.time())
            body = (await got.content.read(_MOST_CHARS)).decode(errors="replace")
            return Answer(url, got.status, ahead_s, body)
    except TimeoutError:
        return Answer(url, error=f"does not answer within {_TIMEOUT_S} s")
    except (aiohttp.ClientError, OSError, ValueError) as e:
        return Answer(url, error=f"cannot be reached: {e or type(e).__name__}")


def ahead_of_us_s(header: str | None, began_s: float, ended_s: float) -> float | None:
    """Return the offset that a `Date` tells; an answer that took its time was dated somewhere in it."""
    try:
        theirs_s = parsedate_to_datetime(header or "").timestamp() + _HALF_A_SECOND
    except ValueError:
        return None
    if began_s <= theirs_s <= ended_s:
        return 0.0
    return theirs_s - (ended_s if theirs_s > ended_s else began_s)
