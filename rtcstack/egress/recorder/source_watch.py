"""Waiting for what is to be recorded when it is less than the whole room, and noticing that it is gone."""

import asyncio
from collections.abc import Awaitable, Callable

from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.media import PICTURE_DELAY_NS
from rtcstack.egress.source import Source

_POLL_S = 0.05
_ARRIVAL_PATIENCE_S = 30.0
"""How long a participant or track may take to come."""
_PICTURE_PATIENCE_S = 2.0
"""How long its first picture is waited for, so that the file does not begin with a placeholder."""
_LOOK_S, _LOOKS = 0.25, 8
"""Two seconds: a participant who connects anew, or a track that is published again, is gone for a moment."""
_LOOKS_AFTERWARDS = 80
"""Twenty seconds: what cut the recorder off may have done so with others, and they may be back later than it is."""


class SourceMissing(Exception):
    """What is to be recorded has not come."""

    def __init__(self, source: Source, waited_s: float) -> None:
        self.message = f"{source} did not come within {waited_s:.0f} s"
        super().__init__(self.message)


async def wait_for(
    source: Source,
    is_present: Callable[[], bool],
    is_ready: Callable[[], bool],
    patience_s: float = _ARRIVAL_PATIENCE_S,
) -> None:
    """Return when the source is there and its first picture has come, or should have.

    Raises:
        SourceMissing: it does not come.
    """
    if not await _comes(is_present, patience_s):
        raise SourceMissing(source, patience_s)
    if await _comes(is_ready, _PICTURE_PATIENCE_S):
        await asyncio.sleep(PICTURE_DELAY_NS / NS)  # every picture waits so long before it is shown


async def until_gone(is_present: Callable[[], Awaitable[bool | None]], every_s: float = _LOOK_S) -> None:
    """Return when the source is missing at several looks in a row.

    None means that nobody can tell just now; until the source was seen again it takes more looks afterwards.
    """
    missed, most = 0, _LOOKS
    while missed < most:
        await asyncio.sleep(every_s)
        seen = await is_present()
        if seen is False:
            missed += 1
        else:
            missed, most = 0, _LOOKS if seen else _LOOKS_AFTERWARDS


async def _comes(is_so: Callable[[], bool], patience_s: float) -> bool:
    deadline_s = asyncio.get_running_loop().time() + patience_s
    while not is_so():
        if asyncio.get_running_loop().time() > deadline_s:
            return False
        await asyncio.sleep(_POLL_S)
    return True
