"""LiveKit's errors in our words, mapped once, with the part that is at the bottom of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from livekit.api import ServerError

from rtcstack.errors import NotFound, PartRefused, PartUnavailable, RoomNotFound, RtcError

_PASSING = frozenset(
    {"unavailable", "deadline_exceeded", "resource_exhausted", "internal", "unknown", "aborted"}
)
_PART = "livekit"
_TIMEOUT_S = 8.0


def _from_server(error: ServerError, not_found: type[NotFound], does_it: str) -> RtcError:
    if error.code == "not_found":
        return not_found(error.message)
    if error.code in _PASSING:
        who = "LiveKit could not do it" if does_it == _PART else "LiveKit got no answer from an Egress worker"
        return PartUnavailable(f"{who}: {error.message}", part=does_it, livekit_code=error.code)
    return PartRefused(f"LiveKit refused: {error.message}", part=_PART, livekit_code=error.code)


@asynccontextmanager
async def livekit_failures(
    ping_bus: Callable[[], Awaitable[None]],
    not_found: type[NotFound] = RoomNotFound,
    *,
    does_it: str = _PART,
    timeout_s: float = _TIMEOUT_S,
) -> AsyncIterator[None]:
    """Bound a call in time as well: the client library passes no timeout on, and a hung LiveKit keeps the line open.

    `does_it` is the part that LiveKit hands the call on to: when it says that it could not do it, that part is meant.
    Whatever the call, LiveKit needs Redis for it: `ping_bus` is asked first who is to blame.
    """
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (ServerError, TimeoutError, aiohttp.ClientError) as e:
        error = _mapped(e, not_found, does_it)
        if isinstance(error, PartUnavailable):
            await ping_bus()
        raise error from e


def _mapped(error: Exception, not_found: type[NotFound], does_it: str) -> RtcError:
    if isinstance(error, ServerError):
        return _from_server(error, not_found, does_it)
    if isinstance(error, TimeoutError):
        return PartUnavailable("LiveKit did not answer in time.", part=_PART)
    return PartUnavailable("LiveKit cannot be reached.", part=_PART)
