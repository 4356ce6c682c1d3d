"""Waiting until trouble has passed that does pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from rtcstack import log
from rtcstack.errors import DiskFull, PartUnavailable

_logger = log.get(__name__)
_T = TypeVar("_T")
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0


OnWait = Callable[[str], Awaitable[None]]
"""Gets the words of whoever is waited for, after each try."""


async def wait_out(
    what: str, egress_id: str, step: Callable[[], Awaitable[_T]], on_wait: OnWait | None = None
) -> _T:
    """Repeat the step until no disk is full and no store away any more, however long that takes."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await step()
        except (DiskFull, PartUnavailable) as e:
            _logger.warning(what, egress_id=egress_id, error=e.message, again_in_s=pause_s)
            if on_wait is not None:
                await on_wait(e.message)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
