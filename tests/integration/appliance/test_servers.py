"""The servers that other tests stand on are the real ones and answer."""

import asyncio

import pytest
from livekit import api
from pydantic import SecretStr

from rtcstack.appliance.parts import probe, stop_plan
from rtcstack.appliance.parts.part import Unhealthy
from rtcstack.settings import Settings
from tests.support.single_part import SinglePart
from tests.support.standstill import standing_still


async def test_redis_wants_the_password(settings: Settings, redis_server: SinglePart) -> None:
    del redis_server
    guessed = settings.redis.model_copy(update={"password": SecretStr("guessed")})
    with pytest.raises(Unhealthy, match="WRONGPASS"):
        await probe.redis_ping(guessed)


async def test_livekit_makes_a_room(settings: Settings, livekit_server: SinglePart) -> None:
    del livekit_server
    own = settings.livekit
    key, secret = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with api.LiveKitAPI(own.http_url, key, secret) as client:
        room = await client.room.create_room(api.CreateRoomRequest(name="standing"))
    assert room.name == "standing"


async def test_minio_has_the_bucket(settings: Settings, minio_server: SinglePart) -> None:
    from minio import Minio  # noqa: PLC0415 - slow to import

    own = settings.storage
    client = Minio(
        f"{own.host}:{own.port}",
        access_key=own.access_key.get_secret_value(),
        secret_key=own.secret_key.get_secret_value(),
        region=own.region,
        secure=False,
    )
    assert await asyncio.to_thread(client.bucket_exists, own.bucket)
    assert own.secret_key.get_secret_value() not in minio_server.log.read_text()


def test_a_stop_sees_whether_minio_takes_uploads(settings: Settings, minio_server: SinglePart) -> None:
    plan = stop_plan(settings)
    assert plan.lack_of_store({"egress", "minio"}) == ""
    with standing_still(minio_server.pid):
        assert plan.lack_of_store({"egress", "minio"}).startswith("minio does not answer: ")
