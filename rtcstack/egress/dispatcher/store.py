"""The object store that a recording goes to: the configured one, one that the request brought, or a tenant's own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import urllib3
from livekit.protocol.egress import S3Upload
from minio import Minio
from minio.helpers import check_bucket_name

from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.guarded_pool import guarded_pool
from rtcstack.adapters.http.patient_pool import PatientPool
from rtcstack.adapters.s3.client import client
from rtcstack.egress.spool import Order
from rtcstack.errors import Invalid
from rtcstack.ports.storage import StoreAccess
from rtcstack.settings import Settings, Storage
from rtcstack.settings.reach import may_reach_loopback

if TYPE_CHECKING:
    from rtcstack.egress.dispatcher.tenant_keys import TenantKeys

_TIMEOUT: Final = urllib3.Timeout(connect=5, read=60)
_CONNECTIONS: Final = 8


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


StoreSource = Callable[[], Awaitable[Store]]
"""Asked before each upload. Raises `PartUnavailable` when it cannot tell now, `PartRefused` when it never will."""


class Stores:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._configured = configured(settings.storage)
        self._guard = AddressGuard(
            settings.storage.allow_networks, allow_loopback=may_reach_loopback(settings)
        )

    @cached_property
    def _keys(self) -> "TenantKeys":
        # Its library of ciphers takes 8 MB, and a worker whose recordings all go to the shared bucket has no use for it.
        from rtcstack.egress.dispatcher.tenant_keys import TenantKeys  # noqa: PLC0415 - only when it is wanted

        return TenantKeys(self._settings)

    def of(self, order: Order, brought: S3Upload | None = None) -> StoreSource | None:
        """Return the way to the order's store; None when its keys did not outlive the worker that took the request.

        Raises:
            Invalid: when the request's own store cannot be.
        """
        if brought is not None:
            return partial(_same, from_request(brought, self._guard))
        if order.storage_id:
            return partial(self._of_tenant, order)
        return None if order.has_own_store else partial(_same, self._configured)

    async def _of_tenant(self, order: Order) -> Store:
        """The keys are asked for each time: they may have been changed since, and are kept nowhere here."""
        return _own(await self._keys.fetch(order.recording_id), self._guard)


async def _same(store: Store) -> Store:
    return store


def configured(storage: Storage) -> Store:
    """Return the shared store, with a client that reports trouble at once: the uploader tries again itself."""
    made = client(
        storage.url,
        storage.access_key.get_secret_value(),
        storage.secret_key.get_secret_value(),
        storage.region,
        pool=PatientPool(timeout=_TIMEOUT, retries=urllib3.Retry(0, redirect=2), maxsize=_CONNECTIONS),
    )
    return Store(made, storage.bucket, storage.url, storage.region, is_ours=True)


def from_request(s3: S3Upload, guard: AddressGuard) -> Store:
    """Return the store that a request describes; without an endpoint it is Amazon's in that region.

    Raises:
        Invalid: when the bucket is missing or none that a store could have, or the endpoint is no address.
    """
    if not s3.bucket:
        raise Invalid("s3.bucket is missing")
    region = s3.region or "us-east-1"
    endpoint = s3.endpoint or f"https://s3.{region}.amazonaws.com"
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise Invalid("s3.endpoint: it has to be http(s)://host[:port]")
    try:
        check_bucket_name(s3.bucket)
    except ValueError as e:
        raise Invalid(f"s3.bucket: {e}") from e
    try:
        made = client(
            f"{parts.scheme}://{parts.netloc}",
            s3.access_key,
            s3.secret,
            region,
            pool=guarded_pool(guard, timeout=_TIMEOUT, maxsize=_CONNECTIONS),
            session_token=s3.session_token or None,
            path_style=True if s3.force_path_style else None,
        )
    except ValueError as e:
        raise Invalid(f"s3.endpoint: {e}") from e
    return Store(made, s3.bucket, f"{parts.scheme}://{parts.netloc}", region, is_ours=False)


def _own(access: StoreAccess, guard: AddressGuard) -> Store:
    made = client(
        access.endpoint,
        access.access_key_id,
        access.secret_access_key,
        access.region,
        pool=guarded_pool(guard, timeout=_TIMEOUT, maxsize=_CONNECTIONS),
        path_style=access.path_style,
    )
    return Store(made, access.bucket, access.endpoint, access.region, is_ours=False)
