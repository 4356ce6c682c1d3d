"""Our client and our server, each on a connection of its own, over the real Redis."""

import asyncio
import time
from typing import Any

import pytest
from livekit.protocol.egress import EgressInfo

from rtcstack.adapters.psrpc import channels
from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.endpoint import Claim, Method
from rtcstack.adapters.psrpc.messages import (
    GetEgressRequest,
    Request,
)
from rtcstack.adapters.psrpc.server import Server
from rtcstack.errors import Invalid, PartRefused, PartUnavailable

_SERVICE = "Test"


class Desk:
    """A handler that remembers what it was asked."""

    def __init__(self, name: str = "desk") -> None:
        self.name = name
        self.asked: list[str] = []

    async def get(self, request: Any) -> EgressInfo:
        self.asked.append(request.egress_id)
        if request.egress_id == "bad":
            raise Invalid("that is no id")
        return EgressInfo(egress_id=request.egress_id, room_name=self.name)


async def _client(bus: Bus) -> Client:
    client = Client(bus, _SERVICE, part="livekit")
    await client.start()
    return client


async def _ask(
    client: Client, egress_id: str = "EG_1", *, topic: str = "", timeout_s: float = 3.0
) -> EgressInfo:
    return await client.request(
        "Get", GetEgressRequest(egress_id=egress_id), EgressInfo, topic=topic, timeout_s=timeout_s
    )


async def test_a_request_is_claimed_and_answered(bus: Bus, other_bus: Bus) -> None:
    server, desk = Server(bus), Desk()
    await server.register(Method(_SERVICE, "Get", GetEgressRequest, desk.get), "EG_1")
    answer = await _ask(await _client(other_bus), topic="EG_1")
    assert answer.egress_id == "EG_1"
    assert desk.asked == ["EG_1"]
    await server.close()


async def test_a_handlers_error_arrives_with_its_code(bus: Bus, other_bus: Bus) -> None:
    server = Server(bus)
    await server.register(Method(_SERVICE, "Get", GetEgressRequest, Desk().get))
    with pytest.raises(PartRefused, match="that is no id") as caught:
        await _ask(await _client(other_bus), "bad")
    assert caught.value.details["psrpc_code"] == "invalid_argument"
    await server.close()


async def test_nobody_there_is_unavailable(bus: Bus) -> None:
    with pytest.raises(PartUnavailable, match="nobody answered"):
        await _ask(await _client(bus), timeout_s=0.2)


async def test_who_declines_is_not_asked(bus: Bus, other_bus: Bus) -> None:
    server, desk = Server(bus), Desk()
    await server.register(Method(_SERVICE, "Get", GetEgressRequest, desk.get, claim=lambda _: None))
    with pytest.raises(PartUnavailable):
        await _ask(await _client(other_bus), timeout_s=0.3)
    assert desk.asked == []
    await server.close()


async def test_of_two_servers_the_idler_one_wins_and_runs_alone(bus: Bus, other_bus: Bus) -> None:
    busy, idle = Desk("busy"), Desk("idle")
    servers = Server(bus), Server(other_bus)
    await servers[0].register(
        Method(_SERVICE, "Get", GetEgressRequest, busy.get, lambda _: Claim(delay_s=0.3))
    )
    await servers[1].register(Method(_SERVICE, "Get", GetEgressRequest, idle.get))
    assert (await _ask(await _client(bus))).room_name == "idle"
    await asyncio.sleep(0.4)
    assert busy.asked == []
    for server in servers:
        await server.close()


async def test_a_queue_method_runs_once(bus: Bus, other_bus: Bus) -> None:
    desk = Desk()
    servers = Server(bus), Server(other_bus)
    for server in servers:
        await server.register(Method(_SERVICE, "Get", GetEgressRequest, desk.get, is_queue=True), "EG_1")
    await _ask(await _client(bus), topic="EG_1")
    await asyncio.sleep(0.1)
    assert desk.asked == ["EG_1"]
    for server in servers:
        await server.close()


async def test_after_unregister_nobody_answers(bus: Bus, other_bus: Bus) -> None:
    server = Server(bus)
    await server.register(Method(_SERVICE, "Get", GetEgressRequest, Desk().get), "EG_1")
    await server.unregister(_SERVICE, "Get", "EG_1")
    with pytest.raises(PartUnavailable):
        await _ask(await _client(other_bus), topic="EG_1", timeout_s=0.2)


async def test_an_expired_request_is_not_run_and_the_skew_logged(
    bus: Bus, other_bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    server, desk = Server(bus), Desk()
    await server.register(Method(_SERVICE, "Get", GetEgressRequest, desk.get))
    expired = Request(request_id="R", client_id="C", expiry=time.time_ns() - 12_000_000_000)
    await other_bus.publish(channels.requests(_SERVICE, "Get", ""), expired)
    await asyncio.sleep(0.2)
    assert desk.asked == []
    assert "late_ms=12" in capsys.readouterr().out
    await server.close()


async def test_a_time_limit_holds_when_the_whole_process_stood_still_meanwhile(bus: Bus) -> None:
    """Redis' answer and the time limit are then there in the same instant: redis-py swallows the cancellation."""
    client = await _client(bus)
    for loops in range(30):
        asking = asyncio.create_task(_ask(client, timeout_s=0.03))
        for _ in range(loops % 10):
            await asyncio.sleep(0)
        time.sleep(0.04)  # noqa: ASYNC251  # this is the stand-still
        done, _ = await asyncio.wait({asking}, timeout=20)
        assert done, f"after {loops % 10} turns of the loop the request waits for ever"
        assert isinstance(asking.exception(), PartUnavailable)
