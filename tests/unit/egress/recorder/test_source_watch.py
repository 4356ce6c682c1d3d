import asyncio
from itertools import chain, repeat

import pytest

from rtcstack.egress.recorder.source_watch import SourceMissing, until_gone, wait_for
from rtcstack.egress.source import Audio, Source, Video

ANN = Source(Video(identity="ann"), Audio(track_ids=("TR_A",)))


async def test_what_comes_is_waited_for_with_its_first_picture() -> None:
    present, ready = chain([False, False], repeat(True)), chain([False], repeat(True))
    async with asyncio.timeout(2):
        await wait_for(ANN, lambda: next(present), lambda: next(ready))
    assert next(ready)


async def test_what_does_not_come_is_named() -> None:
    with pytest.raises(SourceMissing, match="participant ann, track TR_A did not come within 0 s"):
        await wait_for(ANN, lambda: False, lambda: True, patience_s=0.1)


async def looks_until_gone(*seen: bool | None) -> int:
    """Return after how many looks something is gone that is seen so, and then no more."""
    looks = chain(seen, repeat(False))
    count = 0

    async def look() -> bool | None:
        nonlocal count
        count += 1
        return next(looks)

    async with asyncio.timeout(20):
        await until_gone(look, every_s=0.001)
    return count


async def test_what_is_gone_for_a_moment_is_not_gone() -> None:
    seen = [True, *repeat(False, 7), True]
    assert await looks_until_gone(*seen) == len(seen) + 8


async def test_what_could_not_be_seen_has_time_to_come_back() -> None:
    assert await looks_until_gone(True, False, None, *repeat(False, 79), None, None) == 84 + 80


async def test_what_was_seen_again_is_gone_as_soon_as_ever() -> None:
    seen = [True, None, *repeat(False, 40), True]
    assert await looks_until_gone(*seen) == len(seen) + 8
