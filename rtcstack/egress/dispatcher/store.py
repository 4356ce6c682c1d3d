"""The object store that recordings go to: the configured one, or the one that a request brought with its keys."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import urllib3
from livekit.protocol.egress import S3Upload
from minio import Minio

from rtcstack.errors import Invalid
from rtcstack.settings import Storage

_CONNECT_S: Final = 5.0
_READ_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Store:
    client: Minio = field(repr=False)
    bucket: str
    url: str
    """Scheme, host and port."""
    region: str
    is_ours: bool
    """The bucket is ours to make when it is missing."""

    def location(self, key: str) -> str:
        return f"{self.url}/{self.bucket}/{key}"


def configured(storage: Storage) -> Store:
    client = Minio(
        f"{storage.host}:{storage.port}",
        access_key=storage.access_key.get_secret_value(),
        secret_key=storage.secret_key.get_secret_value(),
        secure=storage.tls,
        region=storage.region,
        http_client=_http(),
    )
    return Store(client, storage.bucket, storage.url, storage.region, is_ours=True)


def from_request(s3: S3Upload) -> Store:
    """Return the store that a request describes; without an endpoint it is Amazon's in that region.

    Raises:
        Invalid: when the bucket is missing or the endpoint is no address.
    """
    if not s3.bucket:
        raise Invalid("s3.bucket is missing")
    region = s3.region or "us-east-1"
    endpoint = s3.endpoint or f"https://s3.{region}.amazonaws.com"
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise Invalid("s3.endpoint: it has to be http(s)://host[:port]")
    client = Minio(
        parts.netloc,
        access_key=s3.access_key,
        secret_key=s3.secret,
        session_token=s3.session_token or None,
        secure=parts.scheme == "https",
        region=region,
        http_client=_http(),
    )
    return Store(client, s3.bucket, f"{parts.scheme}://{parts.netloc}", region, is_ours=False)


def _http() -> urllib3.PoolManager:
    """A client that reports trouble at once: the uploader waits and tries again itself."""
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=_CONNECT_S, read=_READ_S),
        retries=urllib3.Retry(0, redirect=2),
        maxsize=8,
    )
