import asyncio
from collections import defaultdict
from collections.abc import Mapping

from rtcstack.domain.delivery import Attempt


class FakeSender:
    """Answers every post with the next of `answers`, then with 200; to a URL that hangs not before `release`."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes, Mapping[str, str]]] = []
        self.answers: list[Attempt] = []
        self._hanging: set[str] = set()
        self._released = asyncio.Event()
        self._reached: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(0))

    def hang(self, url: str) -> None:
        self._hanging.add(url)

    def release(self) -> None:
        self._released.set()

    async def reached(self, url: str) -> None:
        """Return when one more post to `url` has arrived."""
        async with asyncio.timeout(5):
            await self._reached[url].acquire()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        self.posts.append((url, body, headers))
        self._reached[url].release()
        if url in self._hanging:
            await self._released.wait()
        return self.answers.pop(0) if self.answers else Attempt(200, "ok", None, 1)

    async def check_url(self, url: str) -> None:
        del url
