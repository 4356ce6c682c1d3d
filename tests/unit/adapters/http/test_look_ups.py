"""Names that nobody answers for: they wait alone, and not for long."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_resolver import GuardedResolver
from rtcstack.adapters.http.look_ups import Found, LookUps, NotLookedUp, system_look_up
from rtcstack.adapters.http.sender import HttpSender

_THERE: Found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

_CHECKS_AT_ONCE = 16


class _NameServer:
    """Answers at once, but for names that begin with `dead`: those get an answer when the test says so."""

    def __init__(self) -> None:
        self.asked = Counter[str]()
        self.speaks = threading.Event()

    def look_up(self, host: str, family: int) -> Found:
        del family
        self.asked[host] += 1
        if host.startswith("dead"):
            self.speaks.wait(60)
        if host.startswith("none"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return _THERE


@pytest.fixture
def names() -> Iterator[_NameServer]:
    server = _NameServer()
    yield server
    server.speaks.set()


async def test_names_that_hang_keep_no_other_waiting(names: _NameServer) -> None:
    look_ups = LookUps(names.look_up, most=512, limit_s=60)
    hung = [asyncio.create_task(look_ups.of(f"dead-{n}.example", 0)) for n in range(200)]
    await asyncio.sleep(0)
    assert await look_ups.of("alive.example", 0) == _THERE
    assert not any(task.done() for task in hung)
    names.speaks.set()
    assert await asyncio.gather(*hung) == [_THERE] * 200


async def test_a_name_that_hangs_is_looked_up_once_however_often_it_is_asked_for(names: _NameServer) -> None:
    look_ups = LookUps(names.look_up, most=2, limit_s=0.05)
    for _ in range(5):
        with pytest.raises(NotLookedUp, match=r"dead\.example has no answer within 0\.05 s"):
            await look_ups.of("dead.example", 0)
    assert names.asked == {"dead.example": 1}
    names.speaks.set()
    async with asyncio.timeout(60):
        while "dead.example" in {host for host, _ in look_ups._under_way}:
            await asyncio.sleep(0.01)
    assert await look_ups.of("dead.example", 0) == _THERE
    assert names.asked == {"dead.example": 2}


async def test_there_is_a_bound_and_what_is_beyond_it_fails_at_once(names: _NameServer) -> None:
    look_ups = LookUps(names.look_up, most=1, limit_s=60)
    hung = asyncio.create_task(look_ups.of("dead.example", 0))
    await asyncio.sleep(0)
    with pytest.raises(NotLookedUp, match="1 names wait for an answer already"):
        await look_ups.of("alive.example", 0)
    names.speaks.set()
    await hung
    assert await look_ups.of("alive.example", 0) == _THERE


async def test_a_name_that_leads_nowhere_says_so_each_time(names: _NameServer) -> None:
    look_ups = LookUps(names.look_up, most=2)
    for _ in range(2):
        with pytest.raises(socket.gaierror, match="no such name"):
            await look_ups.of("none.example", 0)
    assert names.asked == {"none.example": 2}


async def test_the_machines_own_names_are_found() -> None:
    resolver = GuardedResolver(AddressGuard(allow_loopback=True), LookUps(system_look_up, most=2))
    found = await resolver.resolve("localhost", 80, socket.AF_INET)
    assert [(each["host"], each["port"]) for each in found] == [("127.0.0.1", 80)]


async def test_addresses_that_are_checked_hold_up_no_delivery(names: _NameServer) -> None:
    """Whoever registers many names that hang takes none of the places that deliveries have."""
    sender = HttpSender(AddressGuard(allow_loopback=True), 60, names.look_up)
    await sender.open()
    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as checks:
            for n in range(40):
                checks.create_task(sender.check_url(f"https://dead-{n}.example/"))
            await asyncio.sleep(0)
            attempt = await sender.post("http://alive.example:9/", b"{}", {})
            assert "Cannot connect to host alive.example:9" in str(attempt.error), (
                "it was looked up, nobody listens"
            )
            while sum(names.asked.values()) < _CHECKS_AT_ONCE + 1:
                await asyncio.sleep(0.01)
            names.speaks.set()
    finally:
        await sender.close()
    assert names.asked.total() == _CHECKS_AT_ONCE + 1
