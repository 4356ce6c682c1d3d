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


async def test_what_is_gone_for_a_moment_or_cannot_be_seen_is_not_gone() -> None:
    seen: list[bool | None] = [True, False, False, None, False, False, False, True]
    looks = iter([*seen, *repeat(False, 20)])
    count = 0

    def look() -> bool | None:
        nonlocal count
        count += 1
        return next(looks)

    async with asyncio.timeout(5):
        await until_gone(look, every_s=0.01)
    assert count == len(seen) + 8
