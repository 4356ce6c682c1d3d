"""A page that is looked at hears of what has changed."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from rtcstack.dashboard.live import Streams, _changes
from rtcstack.dashboard.viewer import Viewer
from tests.integration.api.conftest import Api
from tests.support.dashboard import Visitor

_WAIT_S = 60


async def _events(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            yield line.removeprefix("event: ")


async def _next(events: AsyncIterator[str], *wanted: str) -> str:
    async with asyncio.timeout(_WAIT_S):
        while True:
            found = await anext(events)
            if found in wanted:
                return found


async def _keep_changing(api: Api) -> None:
    """Open rooms until somebody has heard of it: when the stream looks for the first time is not known."""
    for number in range(_WAIT_S * 4):
        (await api.http.post("/v1/rooms", json={"roomId": f"new-{number}"})).raise_for_status()
        await asyncio.sleep(0.25)


async def test_a_change_is_told_and_so_is_the_end_of_the_session(api: Api, visitor: Visitor) -> None:
    async with visitor.http.stream("GET", "/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = _events(answer)
        assert await _next(events, "begun") == "begun"
        changing = asyncio.create_task(_keep_changing(api))
        assert await _next(events, "changed") == "changed"
        changing.cancel()
        sessions = api.platform.services.sessions
        session = await sessions.find(visitor.http.cookies["rtcstack_session"])
        assert session is not None
        await sessions.sign_out(session)
        assert await _next(events, "over") == "over"


async def test_a_stop_of_the_server_waits_for_no_stream(api: Api, visitor: Visitor) -> None:
    services, streams = api.platform.services, Streams()
    session = await services.sessions.find(visitor.http.cookies["rtcstack_session"])
    assert session is not None
    told = _changes(Viewer(session, "", ["default"]), services.sessions, services.overview, streams)
    assert (await anext(told)).event == "begun"
    streams.close()
    async with asyncio.timeout(_WAIT_S):
        assert [message.event async for message in told] == []
