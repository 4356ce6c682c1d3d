"""LiveKit's errors in our words, mapped once."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from livekit.api import ServerError

from rtcstack.errors import NotFound, PartRefused, PartUnavailable, RoomNotFound, RtcError

_PASSING = frozenset(
    {"unavailable", "deadline_exceeded", "resource_exhausted", "internal", "unknown", "aborted"}
)
_PART = "livekit"


def _from_server(error: ServerError, not_found: type[NotFound]) -> RtcError:
    if error.code == "not_found":
        return not_found(error.message)
    if error.code in _PASSING:
        return PartUnavailable(
            f"LiveKit could not do it: {error.message}", part=_PART, livekit_code=error.code
        )
    return PartRefused(f"LiveKit refused: {error.message}", part=_PART, livekit_code=error.code)


@contextmanager
def livekit_failures(not_found: type[NotFound] = RoomNotFound) -> Iterator[None]:
    try:
        yield
    except ServerError as e:
        raise _from_server(e, not_found) from e
    except TimeoutError as e:
        raise PartUnavailable("LiveKit did not answer in time.", part=_PART) from e
    except aiohttp.ClientError as e:
        raise PartUnavailable("LiveKit cannot be reached.", part=_PART) from e
