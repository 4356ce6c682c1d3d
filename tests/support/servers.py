"""The real Redis, LiveKit and MinIO, each once a session, on free loopback ports and with secrets of their own.

They come from the appliance's own provisioning: a missing one fails the tests with the command that gets it.
"""

from collections.abc import Iterator

import pytest
from minio import Minio

from rtcstack.appliance import parts
from rtcstack.appliance.provision import provision
from rtcstack.settings import Settings
from tests.support.environment import free_environment, outer_environment, settings_with_secrets
from tests.support.single_part import SinglePart


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of `redis_server`, `livekit_server` and `minio_server`; nothing listens on the API's port.

    LiveKit sends its webhooks there: a test that wants them serves `settings.api.port` itself.
    """
    return settings_with_secrets(free_environment(), tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="session")
def programs(settings: Settings) -> parts.Programs:
    return provision(settings, outer_environment())


@pytest.fixture(scope="session")
def redis_server(settings: Settings, programs: parts.Programs) -> Iterator[SinglePart]:
    server = SinglePart(parts.redis_part(settings, outer_environment(), programs.redis), settings.data)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def livekit_server(
    settings: Settings, programs: parts.Programs, redis_server: SinglePart
) -> Iterator[SinglePart]:
    del redis_server  # only has to run
    server = SinglePart(parts.livekit_part(settings, outer_environment(), programs.livekit), settings.data)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def minio_server(settings: Settings, programs: parts.Programs) -> Iterator[SinglePart]:
    """MinIO, with the bucket in it that the Egress worker would make."""
    server = SinglePart(parts.minio_part(settings, outer_environment(), programs.minio), settings.data)
    server.start()
    own = settings.storage
    keys = {"access_key": own.access_key.get_secret_value(), "secret_key": own.secret_key.get_secret_value()}
    Minio(f"{own.host}:{own.port}", **keys, region=own.region, secure=False).make_bucket(own.bucket)
    yield server
    server.stop()
