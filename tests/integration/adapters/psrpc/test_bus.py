import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.messages import ClaimResponse
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.settings import Settings
from tests.support.ports import free_port
from tests.support.single_part import SinglePart

_PATIENCE_S = 15


class Mailbox:
    def __init__(self) -> None:
        self.received: asyncio.Queue[Any] = asyncio.Queue()

    async def take(self, envelope: Any) -> None:
        self.received.put_nowait(envelope.request_id)

    async def next(self) -> Any:
        async with asyncio.timeout(_PATIENCE_S):
            return await self.received.get()


def _letter(text: str) -> Any:
    return ClaimResponse(request_id=text)


async def test_what_is_published_after_subscribe_returned_arrives(bus: Bus, other_bus: Bus) -> None:
    mailbox = Mailbox()
    await bus.subscribe("box", mailbox.take)
    await other_bus.publish("box", _letter("first"))
    assert await mailbox.next() == "first"


async def test_every_subscriber_hears_and_one_that_left_does_not(bus: Bus, other_bus: Bus) -> None:
    left, stays = Mailbox(), Mailbox()
    await bus.subscribe("box", left.take)
    await bus.subscribe("box", stays.take)
    await bus.unsubscribe("box", left.take)
    await other_bus.publish("box", _letter("x"))
    assert await stays.next() == "x"
    assert left.received.empty()


async def test_a_queue_hands_each_message_to_one_of_two_processes(bus: Bus, other_bus: Bus) -> None:
    mailbox = Mailbox()
    await bus.subscribe("queue", mailbox.take, queue=True)
    await other_bus.subscribe("queue", mailbox.take, queue=True)
    for number in range(5):
        await bus.publish("queue", _letter(f"q{number}"))
    assert sorted([await mailbox.next() for _ in range(5)]) == [f"q{number}" for number in range(5)]
    await asyncio.sleep(0.1)
    assert mailbox.received.empty()


async def test_it_comes_back_after_a_restart_of_redis_and_says_so(bus: Bus, redis_server: SinglePart) -> None:
    mailbox, back = Mailbox(), asyncio.Event()

    async def resync() -> None:
        back.set()

    bus.on_resync(resync)
    await bus.subscribe("box", mailbox.take)
    await asyncio.to_thread(redis_server.stop)
    with pytest.raises(PartUnavailable):
        await bus.publish("box", _letter("lost"))
    await asyncio.to_thread(redis_server.start)
    async with asyncio.timeout(_PATIENCE_S):
        await back.wait()
    await bus.publish("box", _letter("found"))
    assert await mailbox.next() == "found"


async def test_a_subscription_made_while_redis_is_away_counts_once_it_is_back(
    bus: Bus, redis_server: SinglePart
) -> None:
    mailbox = Mailbox()
    await asyncio.to_thread(redis_server.stop)
    subscribing = asyncio.create_task(bus.subscribe("late", mailbox.take))
    await asyncio.to_thread(redis_server.start)
    async with asyncio.timeout(_PATIENCE_S):
        await subscribing
    await bus.publish("late", _letter("x"))
    assert await mailbox.next() == "x"


async def test_nobody_there_is_unavailable(settings: Settings) -> None:
    bus = Bus(settings.redis.model_copy(update={"port": free_port()}))
    with pytest.raises(PartUnavailable):
        await bus.start()
    await bus.close()


async def test_a_wrong_password_is_a_refusal(settings: Settings, redis_server: SinglePart) -> None:
    del redis_server  # only has to run
    bus = Bus(settings.redis.model_copy(update={"password": SecretStr("wrong")}))
    with pytest.raises(PartRefused):
        await bus.start()
    await bus.close()
