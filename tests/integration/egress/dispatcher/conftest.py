from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from livekit import api
from minio import Minio

from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess, receiving
from tests.integration.egress.dispatcher.room import Room
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart


@pytest.fixture
def stopped_worker(
    settings: Settings, livekit_server: SinglePart, minio_server: SinglePart, tmp_path: Path
) -> Iterator[WorkerProcess]:
    del livekit_server, minio_server  # only have to run
    worker = WorkerProcess(settings, tmp_path)
    yield worker
    worker.kill()


@pytest.fixture
def worker(stopped_worker: WorkerProcess) -> WorkerProcess:
    stopped_worker.start()
    return stopped_worker


@pytest.fixture
def other_worker(
    settings: Settings, livekit_server: SinglePart, minio_server: SinglePart, tmp_path: Path
) -> Iterator[WorkerProcess]:
    del livekit_server, minio_server  # only have to run
    folder = tmp_path / "other"
    folder.mkdir()
    worker = WorkerProcess(settings, folder)
    yield worker
    worker.kill()


@pytest.fixture
async def fleet(settings: Settings) -> AsyncIterator[FleetReadiness]:
    fleet = FleetReadiness(settings.redis)
    yield fleet
    await fleet.close()


@pytest.fixture
async def hooks(settings: Settings) -> AsyncIterator[Hooks]:
    async with receiving(settings) as hooks:
        yield hooks


@pytest.fixture
async def caller(settings: Settings, livekit_server: SinglePart) -> AsyncIterator[Caller]:
    """Drives a room of its own."""
    del livekit_server  # only has to run
    own = settings.livekit
    key, secret = own.api_key.get_secret_value(), own.api_secret.get_secret_value()
    async with api.LiveKitAPI(own.http_url, key, secret) as lk:
        room = await lk.room.create_room(api.CreateRoomRequest(name=f"room-{uuid4().hex[:8]}"))
        yield Caller(lk, room.name)


@pytest.fixture
def bucket(settings: Settings, minio_server: SinglePart) -> Minio:
    del minio_server  # only has to run
    own = settings.storage
    return Minio(
        f"{own.host}:{own.port}",
        access_key=own.access_key.get_secret_value(),
        secret_key=own.secret_key.get_secret_value(),
        region=own.region,
        secure=False,
    )


@pytest.fixture
def room(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings, tmp_path: Path
) -> Iterator[Room]:
    """The caller's, recorded by `worker`; whoever came is gone at the end."""
    stage = Stagehand(settings.livekit, tmp_path / "stage", caller.room_name)
    yield Room(worker, hooks, caller, stage, bucket, settings)
    stage.clear()
