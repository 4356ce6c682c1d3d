"""Recordings in the real MinIO, read by real media processes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from minio import Minio

from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.egress.container.index import build_index, pack_index
from rtcstack.ports.media import MediaSource
from rtcstack.settings import Settings
from tests.support.numbered import record
from tests.support.single_part import SinglePart

_LINK = timedelta(minutes=10)


@dataclass(frozen=True)
class Store:
    client: Minio
    bucket: str
    folder: Path

    def link(self, key: str, ttl: timedelta = _LINK) -> str:
        return self.client.presigned_get_object(self.bucket, key, ttl)

    def put(self, key: str, file: Path, sidecar: bytes | None = None) -> MediaSource:
        """Upload a file, and its sidecar if there is one; return links to them."""
        self.client.fput_object(self.bucket, key, str(file))
        if sidecar is None:
            return MediaSource(self.link(key))
        beside = self.folder / "sidecar"
        beside.write_bytes(sidecar)
        self.client.fput_object(self.bucket, f"{key}.index", str(beside))
        return MediaSource(self.link(key), self.link(f"{key}.index"))


@pytest.fixture(scope="session")
def store(settings: Settings, minio_server: SinglePart, tmp_path_factory: pytest.TempPathFactory) -> Store:
    del minio_server  # only has to run
    own = settings.storage
    keys = {"access_key": own.access_key.get_secret_value(), "secret_key": own.secret_key.get_secret_value()}
    client = Minio(f"{own.host}:{own.port}", **keys, region=own.region, secure=False)
    return Store(client, own.bucket, tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds, pictures 0 to 359, keyframes every two seconds."""
    return record(tmp_path_factory.mktemp("media") / "recording.mp4", 12.0)


@pytest.fixture(scope="session")
def source(store: Store, file: Path) -> MediaSource:
    return store.put("media/recording.mp4", file, pack_index(build_index(file, ())))


@pytest.fixture(scope="session")
def media(settings: Settings) -> MediaProcesses:
    return MediaProcesses([settings.storage.url])


@pytest.fixture
def quiet() -> Callable[[float], None]:
    """Somebody to whom progress means nothing."""
    return lambda _done: None
