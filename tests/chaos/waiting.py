"""Waiting for what must come."""

import asyncio
from collections.abc import Awaitable, Callable

BOUND_S = 120
"""Generous: what is promised is that it comes to it, and the machine may be busy."""


async def until(is_so: Callable[[], Awaitable[object]], what: str, bound_s: float = BOUND_S) -> None:
    """Return once it is so; what it was instead is told when it does not come to it."""
    try:
        async with asyncio.timeout(bound_s):
            while not await is_so():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {bound_s} s: {what}") from None
