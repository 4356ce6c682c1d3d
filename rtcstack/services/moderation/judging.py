"""Pictures to the provider, a bounded number at a time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from rtcstack.ports.moderation import Judgement, Moderator

AT_ONCE = 50
"""So many pictures are a few megabytes: what travels inside one request of a service, and what fits in memory."""


async def judge(
    moderator: Moderator,
    count: int,
    read: Callable[[int], Awaitable[bytes]],
    before_each: Callable[[], Awaitable[None]] | None = None,
) -> Sequence[Judgement]:
    """Show `moderator` the pictures 0 to `count`, which `read` returns one by one; raises what it raises."""
    judged: list[Judgement] = []
    for first in range(0, count, AT_ONCE):
        if before_each is not None:
            await before_each()
        pictures = [await read(number) for number in range(first, min(first + AT_ONCE, count))]
        said = await moderator.look(pictures)
        judged += (replace(one, picture=first + one.picture) for one in said)
    return judged
