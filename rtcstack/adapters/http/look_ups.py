"""Looking up names that are not ours: bounded in time and in number, and no name waits behind another.

Nobody can call a look-up off. Each has a thread of its own, which ends with the process: a name server that is silent for half a
minute holds up neither others' names nor the end.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any, Final

LIMIT_S: Final = 12.0
"""So long a look-up is waited for: a first name server that is silent takes 5 s before the second one is asked (resolv.conf(5))."""

Found = Sequence[tuple[Any, ...]]
LookUp = Callable[[str, int], Found]
"""Takes a name and an address family, returns what `socket.getaddrinfo` does; it may block. Raises `OSError`."""


class NotLookedUp(OSError):
    """The look-up has no answer yet, or there are too many of that kind already."""


class LookUps:
    """At most one look-up of a name is under way, and at most `most` in all."""

    def __init__(self, look_up: LookUp, *, most: int, limit_s: float = LIMIT_S) -> None:
        self._look_up, self._most, self._limit_s = look_up, most, limit_s
        self._under_way: dict[tuple[str, int], asyncio.Future[Found]] = {}

    async def of(self, host: str, family: int) -> Found:
        """Return what the name leads to. Whoever asks while it is being looked up shares the answer.

        Raises:
            NotLookedUp: within the limit there was no answer, or there is no place for one more look-up.
            OSError: the name leads nowhere.
        """
        answer = self._under_way.get((host, family)) or self._begin(host, family)
        done, _ = await asyncio.wait([answer], timeout=self._limit_s)
        if not done:
            raise NotLookedUp(f"the look-up of {host} has no answer within {self._limit_s:g} s")
        return answer.result()

    def _begin(self, host: str, family: int) -> asyncio.Future[Found]:
        if len(self._under_way) >= self._most:
            raise NotLookedUp(f"{host} is not looked up: {self._most} names wait for an answer already")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        key = (host, family)

        def tell(found: Found, error: Exception | None) -> None:
            del self._under_way[key]
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)
                answer.exception()  # perhaps nobody waits for it any more

        def run() -> None:
            found, error = self._answer(host, family)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, found, error)

        Thread(target=run, name=f"look-up:{host}"[:64], daemon=True).start()
        self._under_way[key] = answer
        return answer

    def _answer(self, host: str, family: int) -> tuple[Found, Exception | None]:
        try:
            return self._look_up(host, family), None
        except Exception as e:  # noqa: BLE001  # it is raised where the answer is waited for
            return (), e


def system_look_up(host: str, family: int) -> Found:
    """Ask as every program on this machine does: its hosts file, then its name servers."""
    return socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
