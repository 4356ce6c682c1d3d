"""A customer's endpoint: verifies what it takes with `standardwebhooks`, and answers as the test likes."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.webhook_sink import sink_of


@dataclass(frozen=True)
class Told:
    headers: dict[str, str]
    content: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def timestamp(self) -> int:
        return int(self.headers["webhook-timestamp"])

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.content))

    @property
    def who(self) -> str:
        """Whom a `participant.joined` is about."""
        return str(self.body["data"]["identity"])


def verifies(secret: str, told: Told) -> bool:
    """Whether the holder of that secret takes it."""
    try:
        Webhook(secret).verify(told.content, told.headers)
    except WebhookVerificationError:
        return False
    return True


@dataclass
class Receiver:
    """`taken` are the deliveries that verify, in order; `refused` counts those that do not."""

    secrets: list[str] = field(default_factory=list)
    taken: list[Told] = field(default_factory=list)
    accepted: list[Told] = field(default_factory=list)
    refused: int = 0
    url: str = ""
    answer: Callable[[Told], Awaitable[web.Response]] | None = None

    async def take(self, request: web.Request) -> web.Response:
        told = self._verified(request, await request.read())
        if told is None:
            self.refused += 1
            return web.Response(status=401)
        self.taken.append(told)
        response = await self.answer(told) if self.answer else web.Response(status=204)
        if response.status // 100 == 2:
            self.accepted.append(told)
        return response

    def _verified(self, request: web.Request, body: bytes) -> Told | None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        for secret in self.secrets:
            if verifies(secret, told := Told(headers, body)):
                return told
        return None

    def events(self, name: str) -> dict[str, Told]:
        """Return the accepted deliveries of that event, one for each id."""
        return {told.id: told for told in self.accepted if told.body["event"] == name}

    def has_one_of(self, name: str) -> Callable[[], Awaitable[bool]]:
        """Return the question whether that event has come, for `until`."""

        async def has() -> bool:
            return bool(self.events(name))

        return has

    def has_taken(self, count: int) -> Callable[[], Awaitable[bool]]:
        """Return the question whether so many deliveries have come."""

        async def has() -> bool:
            return len(self.taken) >= count

        return has

    def people(self) -> Counter[str]:
        """Count by person how many different events told that they joined."""
        return Counter(told.who for told in self.events("participant.joined").values())


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """Listen while the block runs; `secrets` are to be set before the first delivery."""
    receiver = Receiver()
    async with sink_of(receiver.take, port) as sink:
        receiver.url = sink.url
        yield receiver
