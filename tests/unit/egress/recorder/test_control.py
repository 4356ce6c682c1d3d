import asyncio
import socket

import msgspec
import pytest

from rtcstack.egress.job import Ended, FromRecorder, Joined, Pause, Resume, Stop, ToRecorder
from rtcstack.egress.recorder.control import Control


async def test_messages_go_out_one_a_line_and_the_last_one_before_closing() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        control = await Control.open(theirs)
        control.send(Joined())
        control.send(Ended("stopped", 1000))
        await control.close()
        with ours.makefile("rb") as lines:
            received = [msgspec.json.decode(line, type=FromRecorder) for line in lines]
    assert received == [Joined(), Ended("stopped", 1000)]


async def _orders(control: Control) -> list[ToRecorder]:
    async with asyncio.timeout(60):
        return [order async for order in control.orders()]


@pytest.mark.parametrize("order", [Stop(), Pause(), Resume()])
async def test_orders_come_as_they_were_given_and_what_nobody_knows_is_none(order: ToRecorder) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        control = await Control.open(theirs)
        ours.sendall(b'{"type":"dance"}\n' + msgspec.json.encode(order) + b"\n")
        ours.shutdown(socket.SHUT_WR)
        assert await _orders(control) == [order]
        await control.close()


async def test_a_dispatcher_that_is_gone_is_no_fault() -> None:
    ours, theirs = socket.socketpair()
    control = await Control.open(theirs)
    ours.close()
    assert await _orders(control) == []
    control.send(Ended("control_lost", 0))
    await control.close()
