"""`ports.moderation.Moderator` over a child process: neither a model nor a client library works beside the event loop."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

import msgspec

from rtcstack import log
from rtcstack.adapters.moderation import wire
from rtcstack.errors import Internal, Invalid, PartRefused, PartUnavailable, RtcError
from rtcstack.ports.moderation import Judgement
from rtcstack.spawn import spawn_argv

_log = log.get(__name__)
_PART: Final = "moderation"
_READY_S: Final = 60.0
_ANSWER_S: Final = 60.0
_A_PICTURE_S: Final = 10.0
"""At a low priority beside recorders that want everything, a large model takes seconds for a picture."""


class ModeratorProcess:
    """The child is started by `open`, and again by the next look when it has died or was given up.

    A look may take `answer_s`, and `a_picture_s` for each picture.
    """

    def __init__(
        self,
        provider: str,
        setup: wire.Setup,
        *,
        notice: str = "",
        answer_s: float = _ANSWER_S,
        a_picture_s: float = _A_PICTURE_S,
    ) -> None:
        self.provider, self.model = provider, ""
        self._setup, self._notice = setup, notice
        self._answer_s, self._a_picture_s = answer_s, a_picture_s
        self._lock = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        if self._notice:
            _log.warning(self._notice, provider=self.provider)
        async with self._lock:
            await self._start()

    async def close(self) -> None:
        async with self._lock:
            await self._end()

    async def look(self, pictures: Sequence[bytes]) -> Sequence[Judgement]:
        if not pictures:
            return ()
        async with self._lock:
            if self._child is None or self._child.returncode is not None:
                await self._start()
            patience_s = self._answer_s + self._a_picture_s * len(pictures)
            looked = await self._ask(wire.Look(tuple(pictures)), patience_s)
        assert isinstance(looked, wire.Looked)
        return [Judgement(seen.picture, seen.category, seen.likelihood) for seen in looked.seen]

    async def _start(self) -> None:
        await self._end()
        self._child = await asyncio.create_subprocess_exec(
            *spawn_argv("moderator"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        ready = await self._ask(self._setup, _READY_S)
        assert isinstance(ready, wire.Ready)
        self.model = ready.model

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await asyncio.shield(child.wait())

    async def _ask(self, message: msgspec.Struct, patience_s: float) -> wire.Answer:
        """Whoever does not wait for the answer ends the child: it would be taken for that of the next question."""
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._exchange(message)
        except TimeoutError as e:
            await self._end()
            raise PartUnavailable(
                f"The moderation process gave no answer within {patience_s:.0f} s.", part=_PART
            ) from e
        except BaseException:
            await self._end()
            raise
        if isinstance(answer, wire.Failed):
            raise _told(answer)
        return answer

    async def _exchange(self, message: msgspec.Struct) -> wire.Answer:
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(wire.pack(message))
            await child.stdin.drain()
            head = await child.stdout.readexactly(wire.LENGTH_BYTES)
            body = await child.stdout.readexactly(wire.length_of(head))
        except (ConnectionError, asyncio.IncompleteReadError) as e:
            raise PartUnavailable("The moderation process ended unexpectedly.", part=_PART) from e
        answer: wire.Answer = msgspec.msgpack.decode(body, type=wire.Answer)
        return answer


def _told(failed: wire.Failed) -> RtcError:
    match failed.kind:
        case Invalid.__name__:
            return Invalid(failed.message, code="moderation_settings")
        case PartUnavailable.__name__:
            return PartUnavailable(failed.message, part=_PART)
        case PartRefused.__name__:
            return PartRefused(failed.message, part=_PART)
        case _:
            return Internal(f"The moderation process failed: {failed.message}", code="moderation_failed")
