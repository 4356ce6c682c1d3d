"""A participant for tests, the self-check and the benchmarks.

Each has a thread with an event loop of its own, so that a caller which decodes a file or waits in a blocking call
does not make its picture stutter. Encoding happens in the client library's native threads.
"""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from rtcstack.demo.publisher import Publisher
from rtcstack.demo.schedule import Media

Kind = Literal["camera", "microphone"]
T = TypeVar("T")

_JOIN_TIMEOUT_S = 15
_CALL_TIMEOUT_S = 10


class ParticipantError(Exception):
    """The participant could not join, or lost its connection; the message says who, where and why."""


class Participant:
    """`async with Participant(url, token, 0): …` is in the room, publishing, from start to end of the block.

    `index` chooses colour, tone and mark. `url` is LiveKit's WebSocket address, `token` a join token that may publish.
    """

    def __init__(self, url: str, token: str, index: int, media: Media | None = None) -> None:
        self.index, self.media = index, media or Media()
        self._url, self._token = url, token
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"participant-{index}", daemon=True
        )
        self._publisher: Publisher | None = None

    async def __aenter__(self) -> Self:
        self._thread.start()
        try:
            self._publisher = await self._call(self._join(), _JOIN_TIMEOUT_S)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def _join(self) -> Publisher:
        publisher = Publisher(self.index, self.media)
        try:
            await publisher.join(self._url, self._token)
        except Exception as e:
            raise ParticipantError(f"participant {self.index} could not join at {self._url}: {e}") from e
        return publisher

    async def _call(self, work: Coroutine[Any, Any, T], timeout_s: float = _CALL_TIMEOUT_S) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise ParticipantError(
                f"participant {self.index}: no answer from {self._url} in {timeout_s} s"
            ) from None

    async def _end(self) -> None:
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    @property
    def publisher(self) -> Publisher:
        if self._publisher is None:
            raise ParticipantError(f"participant {self.index} is not in the room")
        return self._publisher

    @property
    def identity(self) -> str:
        return self.publisher.identity

    @property
    def is_connected(self) -> bool:
        """Whether it is in the room still: LiveKit may have sent it away."""
        return self.publisher.is_connected

    @property
    def frames_sent(self) -> int:
        """Pictures given to the encoder since the camera was published."""
        return self.publisher.frames_sent

    async def mute(self, kind: Kind) -> None:
        await self._call(self.publisher.mute(kind, True))

    async def unmute(self, kind: Kind) -> None:
        await self._call(self.publisher.mute(kind, False))

    async def unpublish(self, kind: Kind) -> None:
        await self._call(self.publisher.unpublish(kind))

    async def publish(self, kind: Kind) -> None:
        await self._call(self.publisher.publish(kind))

    async def leave(self) -> None:
        """Leave the room; nothing happens if it has left already."""
        publisher, self._publisher = self._publisher, None
        try:
            if publisher is not None:
                await self._call(publisher.leave())
        finally:
            await self._end()
