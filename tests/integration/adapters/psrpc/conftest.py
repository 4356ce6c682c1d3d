from collections.abc import AsyncIterator

import pytest

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.settings import Settings
from tests.support.single_part import SinglePart


@pytest.fixture
async def bus(settings: Settings, redis_server: SinglePart) -> AsyncIterator[Bus]:
    del redis_server  # only has to run
    bus = Bus(settings.redis)
    await bus.start()
    yield bus
    await bus.close()


@pytest.fixture
async def other_bus(settings: Settings, redis_server: SinglePart) -> AsyncIterator[Bus]:
    """A second process, as far as Redis can tell."""
    del redis_server  # only has to run
    bus = Bus(settings.redis)
    await bus.start()
    yield bus
    await bus.close()
