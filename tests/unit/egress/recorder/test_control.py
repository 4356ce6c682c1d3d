import asyncio
import socket

import msgspec
import pytest

from rtcstack.egress.job import Ended, FromRecorder, Joined, Stop
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


@pytest.mark.parametrize(
    ("said", "asked"), [(msgspec.json.encode(Stop()), True), (b'{"type":"dance"}', False)]
)
async def test_only_stop_is_a_request_to_stop(said: bytes, asked: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        control = await Control.open(theirs)
        ours.sendall(said + b"\n")
        ours.shutdown(socket.SHUT_WR)
        assert await asyncio.wait_for(control.stopped(), 5) is asked
        await control.close()


async def test_a_dispatcher_that_is_gone_is_no_fault() -> None:
    ours, theirs = socket.socketpair()
    control = await Control.open(theirs)
    ours.close()
    assert await asyncio.wait_for(control.stopped(), 5) is False
    control.send(Ended("control_lost", 0))
    await control.close()
