"""A part that is down is named in a 503, and nothing half started stays behind."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from rtcstack.settings import Settings
from tests.integration.api.conftest import Api, open_api
from tests.support.ports import free_port
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still

_START = "/v1/rooms/r/recording/start"


def _without(settings: Settings, section: str) -> Settings:
    """Return settings in which nobody listens where that part should."""
    there = getattr(settings, section)
    return settings.model_copy(update={section: there.model_copy(update={"port": free_port()})})


def _named(answer: Any) -> str:
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]
    return str(answer.json()["error"]["details"]["part"])


@pytest.mark.parametrize(
    ("section", "part"), [("redis", "redis"), ("storage", "minio"), ("livekit", "livekit")]
)
async def test_a_start_names_the_part_that_is_down(
    api: Api, fresh: Settings, section: str, part: str
) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "r"})
    async with open_api(_without(fresh, section)) as crippled:
        assert _named(await crippled.http.post(_START)) == part
        assert await crippled.left_behind() == 0
        ready = await crippled.http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["parts"][part] != "ok"
        assert (await crippled.http.get("/healthz")).status_code == 200


async def test_a_start_names_a_livekit_that_hangs_to_all_who_ask_at_once(
    api: Api, livekit_server: SinglePart
) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "r"})
    with standing_still(livekit_server.pid):
        answers = await asyncio.gather(*(api.http.post(_START) for _ in range(4)))
    assert [_named(answer) for answer in answers] == ["livekit"] * 4
    assert await api.left_behind() == 0


async def test_a_redis_that_hangs_is_named_for_whatever_livekit_cannot_do(
    api: Api, redis_server: SinglePart
) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "r"})
    with standing_still(redis_server.pid):
        made, present, started = await asyncio.gather(
            api.http.post("/v1/rooms", json={"roomId": "another"}),
            api.http.get("/v1/rooms/r/participants"),
            api.http.post(_START),
        )
    assert [_named(answer) for answer in (made, present, started)] == ["redis"] * 3


async def test_a_redis_that_refuses_is_not_one_that_cannot_be_reached(fresh: Settings) -> None:
    wrong = fresh.redis.model_copy(update={"password": SecretStr("guessed")})
    async with open_api(fresh.model_copy(update={"redis": wrong})) as api:
        told = (await api.http.get("/readyz")).json()["parts"]["redis"]
    assert told.startswith("Redis answers with an error: ")


async def test_without_an_egress_worker_a_start_says_so_and_leaves_nothing(api: Api) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "r"})
    assert _named(await api.http.post(_START)) == "egress"
    assert await api.left_behind() == 0
    assert (await api.http.get("/v1/rooms/r/recording")).json() == {"active": False}


async def test_a_full_disk_is_507_and_the_api_recovers(api: Api) -> None:
    writer = api.platform._adapters.db._writer
    assert writer is not None
    [(pages,)] = await writer.all("PRAGMA page_count")
    await writer.all(f"PRAGMA max_page_count = {pages}")
    statuses = {
        (await api.http.post("/v1/rooms", json={"metadata": {"a": "x" * 9000}})).status_code
        for _ in range(20)
    }
    assert 507 in statuses
    assert statuses <= {201, 507}
    assert (await api.http.get("/v1/rooms")).status_code == 200
    await writer.all("PRAGMA max_page_count = 1000000")
    assert (await api.http.post("/v1/rooms", json={})).status_code == 201


async def test_too_little_room_in_the_spool_is_507(fresh: Settings) -> None:
    fresh.spool_path.mkdir()
    egress = fresh.egress.model_copy(update={"min_free_bytes": 2**62})
    async with open_api(fresh.model_copy(update={"egress": egress})) as api:
        await api.http.post("/v1/rooms", json={"roomId": "r"})
        answer = await api.http.post(_START)
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
        assert await api.left_behind() == 0
        ready = await api.http.get("/readyz")
        assert ready.status_code == 503
        assert "not enough free space in the spool folder" in ready.json()["disk"]
