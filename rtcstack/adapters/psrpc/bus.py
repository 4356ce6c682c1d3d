"""psrpc's message bus: Redis pub/sub that survives a restart of Redis.

Every subscription is confirmed by Redis before `subscribe` returns. When the connection is lost, it is made again
with a growing pause, every channel is subscribed anew, and then the listeners of `on_resync` are told: pub/sub
forgets, so whatever was published in between never arrives.
"""

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from google.protobuf.message import Message
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rtcstack import log
from rtcstack.adapters.psrpc import messages
from rtcstack.errors import Invalid, PartRefused, PartUnavailable, RtcError
from rtcstack.settings import Redis

Receiver = Callable[[Any], Awaitable[None]]
Resync = Callable[[], Awaitable[None]]

_logger = log.get(__name__)
_LOCK_S: Final = 5
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0
_CONFIRM_S: Final = 5.0


class Bus:
    """One connection to Redis that listens, and a pool of them that publishes. Close it with `close`."""

    def __init__(self, settings: Redis) -> None:
        where: dict[str, Any] = {
            "host": settings.host,
            "port": settings.port,
            "password": settings.password.get_secret_value() or None,
        }
        self._publisher = aioredis.Redis(**where)
        self._subscriber = aioredis.Redis(**where, retry=Retry(NoBackoff(), 0))
        self._pubsub = self._subscriber.pubsub()
        self._receivers: dict[str, list[tuple[Receiver, bool]]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._listeners: list[Resync] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._is_connected = False

    async def start(self) -> None:
        """Connect.

        Raises:
            PartUnavailable: when Redis does not answer.
            PartRefused: when it does not take the password.
        """
        try:
            await self._connect()
        except (RedisError, OSError) as e:
            raise _mapped(e) from e
        self._reader = asyncio.create_task(self._read_for_ever(), name="psrpc bus")

    async def close(self) -> None:
        for task in [self._reader, *self._tasks]:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        await self._subscriber.aclose()
        await self._publisher.aclose()

    def on_resync(self, listener: Resync) -> None:
        """Have `listener` called each time the subscriptions stand again after a loss of the connection."""
        self._listeners.append(listener)

    async def publish(self, channel: str, envelope: Message) -> int:
        """Publish one envelope; return how many connections have subscribed to the channel, hung ones included.

        A caller's time limit ends his waiting, not the sending: redis-py writes within `asyncio.wait_for`, which
        before Python 3.12 may swallow the cancellation, and the caller would wait for ever.

        Raises:
            PartUnavailable: when Redis does not answer.
        """
        sending = asyncio.ensure_future(self._publisher.publish(channel, messages.wrap(envelope)))
        sending.add_done_callback(_retrieved)  # whoever asked may be gone
        try:
            return int(await asyncio.shield(sending))
        except (RedisError, OSError) as e:
            raise _mapped(e) from e

    async def subscribe(self, channel: str, receiver: Receiver, *, queue: bool = False) -> None:
        """Have each envelope on `channel` handed to `receiver`, each in a task of its own.

        With `queue` one of all subscribers gets it: who first sets a lock named after the message's hash.
        When it returns, Redis has confirmed the subscription.

        Raises:
            PartUnavailable: when the confirmation does not come; the channel is then not subscribed.
        """
        self._receivers.setdefault(channel, []).append((receiver, queue))
        confirmed = self._confirmed.setdefault(channel, asyncio.Event())
        try:
            if self._is_connected and len(self._receivers[channel]) == 1:
                with contextlib.suppress(RedisError, OSError):  # the reconnection subscribes it
                    await self._pubsub.subscribe(channel)
            async with asyncio.timeout(_CONFIRM_S):
                await confirmed.wait()
        except TimeoutError as e:
            await self.unsubscribe(channel, receiver)
            raise PartUnavailable(f"Redis does not confirm the channel {channel}", part="redis") from e

    async def unsubscribe(self, channel: str, receiver: Receiver) -> None:
        left = [entry for entry in self._receivers.get(channel, []) if entry[0] != receiver]
        if left:
            self._receivers[channel] = left
            return
        self._receivers.pop(channel, None)
        self._confirmed.pop(channel, None)
        with contextlib.suppress(RedisError, OSError):  # without a connection there is nothing to leave
            await self._pubsub.unsubscribe(channel)

    async def _connect(self) -> None:
        """Open a fresh connection and ask for every channel; `_read` sees the confirmations."""
        self._is_connected = False
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        for confirmed in self._confirmed.values():
            confirmed.clear()
        self._pubsub = self._subscriber.pubsub()
        await self._pubsub.connect()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        self._is_connected = True
        if self._receivers:
            await self._pubsub.subscribe(*self._receivers)

    async def _read_for_ever(self) -> None:
        while True:
            try:
                await self._read()
            except (RedisError, OSError) as e:
                _logger.warning("Redis is lost", error=str(e))
                await self._reconnect()

    async def _reconnect(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._connect()
            except (RedisError, OSError) as e:
                _logger.debug("Redis is still away", error=str(e), again_in_s=pause_s)
            else:
                break
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        self._spawn(self._resynchronise())

    async def _resynchronise(self) -> None:
        waits = [confirmed.wait() for confirmed in self._confirmed.values()]
        try:
            async with asyncio.timeout(_CONFIRM_S):
                await asyncio.gather(*waits)
        except TimeoutError:
            return  # lost again; the next reconnection calls us
        _logger.info("Redis is back", channels=len(waits))
        for listener in self._listeners:
            await listener()

    async def _read(self) -> None:
        message: Any = await self._pubsub.get_message(timeout=None)
        if message is None:
            return
        channel = message["channel"].decode() if message["channel"] else ""
        if message["type"] == "subscribe" and channel in self._confirmed:
            self._confirmed[channel].set()
        elif message["type"] == "message":
            for receiver, queue in self._receivers.get(channel, []):
                self._spawn(self._deliver(channel, message["data"], receiver, queue=queue))

    async def _deliver(self, channel: str, payload: bytes, receiver: Receiver, *, queue: bool) -> None:
        try:
            if not queue or await self._take(payload):
                await receiver(messages.unwrap(payload))
        except Invalid as e:
            _logger.warning("message dropped", channel=channel, error=e.message)
        except RtcError as e:
            _logger.warning("message not handled", channel=channel, error=e.message)

    async def _take(self, payload: bytes) -> bool:
        """Whether this subscriber is the one of the queue that gets the message."""
        lock = base64.standard_b64encode(hashlib.sha256(payload).digest()).decode()
        try:
            return bool(await self._publisher.set(lock, 1, nx=True, ex=_LOCK_S))
        except (RedisError, OSError) as e:
            raise _mapped(e) from e

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _retrieved(sending: "asyncio.Future[Any]") -> None:
    if not sending.cancelled():
        sending.exception()


def _mapped(error: Exception) -> PartUnavailable | PartRefused:
    text = f"Redis does not answer: {error}"
    if isinstance(error, aioredis.AuthenticationError):
        return PartRefused(text, part="redis")
    return PartUnavailable(text, part="redis")
