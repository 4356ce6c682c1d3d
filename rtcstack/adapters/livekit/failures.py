"""LiveKit's errors in our words, mapped once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from livekit.api import ServerError

from rtcstack.errors import NotFound, PartRefused, PartUnavailable, RoomNotFound, RtcError

_PASSING = frozenset(
    {"unavailable", "deadline_exceeded", "resource_exhausted", "internal", "unknown", "aborted"}
)
_PART = "livekit"
_TIMEOUT_S = 8.0


def _from_server(error: ServerError, not_found: type[NotFound]) -> RtcError:
    if error.code == "not_found":
        return not_found(error.message)
    if error.code in _PASSING:
        return PartUnavailable(
            f"LiveKit could not do it: {error.message}", part=_PART, livekit_code=error.code
        )
    return PartRefused(f"LiveKit refused: {error.message}", part=_PART, livekit_code=error.code)


@asynccontextmanager
async def livekit_failures(
    not_found: type[NotFound] = RoomNotFound, *, timeout_s: float = _TIMEOUT_S
) -> AsyncIterator[None]:
    """Bound a call in time as well: the client library passes no timeout on, and a hung LiveKit keeps the line open."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except ServerError as e:
        raise _from_server(e, not_found) from e
    except TimeoutError as e:
        raise PartUnavailable("LiveKit did not answer in time.", part=_PART) from e
    except aiohttp.ClientError as e:
        raise PartUnavailable("LiveKit cannot be reached.", part=_PART) from e
