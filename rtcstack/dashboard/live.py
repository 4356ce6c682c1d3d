"""Server-sent events: a page that is looked at hears at once that something it shows has changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from litestar import get
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent, ServerSentEventMessage

from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.viewer import Viewer
from rtcstack.errors import RtcError
from rtcstack.services.overview import Overview
from rtcstack.services.sessions import Sessions

_EVERY_S = 0.25
_SIGN_OF_LIFE = 60
"""After so many looks without news a line goes out all the same: otherwise nobody notices that the browser is gone."""


class Streams:
    """The open streams of this process. They end with it: no stop has to wait for a browser."""

    def __init__(self) -> None:
        self._closing = asyncio.Event()

    def close(self) -> None:
        self._closing.set()

    async def is_over_after(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        return self._closing.is_set()


@get("/live")
async def live(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    sessions: NamedDependency[Sessions],
    overview: NamedDependency[Overview],
    streams: NamedDependency[Streams],
) -> ServerSentEvent:
    """With `all=1`, also of what is done to other tenants' objects."""
    told = _changes(viewer, sessions, overview, streams, is_all=asked(request, "all") == "1")
    return ServerSentEvent(told, headers={"cache-control": "no-store"})


async def _changes(
    viewer: Viewer, sessions: Sessions, overview: Overview, streams: Streams, *, is_all: bool = False
) -> AsyncIterator[ServerSentEventMessage]:
    known, silent = None, 0
    yield ServerSentEventMessage(event="begun", data="", retry=1000)
    while await sessions.is_live(viewer.session):
        with suppress(RtcError):  # a busy database is asked again
            now = await overview.pulse(viewer.tenant_id, with_every_act=is_all)
            is_news, known, silent = known not in {None, now}, now, silent + 1
            if is_news or silent >= _SIGN_OF_LIFE:
                silent = 0
                yield ServerSentEventMessage(event="changed" if is_news else "nothing", data="")
        if await streams.is_over_after(_EVERY_S):
            return
    yield ServerSentEventMessage(event="over", data="")
