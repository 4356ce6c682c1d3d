"""Against a small HTTP server that answers wrongly in every way that matters."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from rtcstack.demo.client import Client, fetch
from rtcstack.demo.step import StepFailed


async def _refuse(_request: web.Request) -> web.Response:
    return web.json_response({"error": {"code": "room_not_found"}}, status=404)


async def _echo(request: web.Request) -> web.Response:
    return web.json_response({"key": request.headers.get("Authorization"), "body": await request.json()})


async def _empty(_request: web.Request) -> web.Response:
    return web.Response(status=204)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/refuse", _refuse)
    app.router.add_post("/echo", _echo)
    app.router.add_delete("/empty", _empty)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_the_key_and_the_body_are_sent(url: str) -> None:
    async with Client(url, "rtc_live_x", "api.log") as client:
        assert await client.call("POST", "/echo", {"a": 1}) == {"key": "Bearer rtc_live_x", "body": {"a": 1}}
        assert await client.call("DELETE", "/empty", status=204) is None


async def test_another_status_is_a_failed_step_with_the_answer(url: str) -> None:
    async with Client(url, "k", "api.log") as client:
        with pytest.raises(StepFailed) as failed:
            await client.call("GET", "/refuse")
    assert failed.value.expected == "200 from GET /refuse"
    assert failed.value.seen.startswith("404 ")
    assert "room_not_found" in failed.value.seen
    assert failed.value.look == "api.log"


async def test_nobody_there_is_a_failed_step(unused_tcp_port: int) -> None:
    async with Client(f"http://127.0.0.1:{unused_tcp_port}", "k", "api.log") as client:
        with pytest.raises(StepFailed, match="no answer from"):
            await client.call("GET", "/")


async def test_a_link_that_leads_nowhere_is_a_failed_step(url: str, unused_tcp_port: int) -> None:
    with pytest.raises(StepFailed, match="seen: 404"):
        await fetch(f"{url}/refuse", "minio.log")
    with pytest.raises(StepFailed, match="no answer"):
        await fetch(f"http://127.0.0.1:{unused_tcp_port}/", "minio.log")
