"""Which object store a recording lies in: the appliance's own, or a bucket of its tenant."""

from collections import OrderedDict
from dataclasses import dataclass

from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.provider import Provider
from rtcstack.errors import Conflict, Internal
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.storage import OwnStorage, Storage, StoreAccess, StoreOpener
from rtcstack.repositories import storages

_MOST_OPEN = 64


@dataclass(frozen=True)
class _Opened:
    revision: int
    storage: OwnStorage


class Stores:
    """Clients are kept by bucket and revision: new keys make a new client, in whichever process they were set."""

    def __init__(
        self,
        db: Database,
        sealer: Sealer,
        opener: StoreOpener,
        shared: Storage,
        *,
        shared_provider: Provider,
    ) -> None:
        self._db, self._sealer, self._opener = db, sealer, opener
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._shared_provider = shared_provider
        self.shared = shared

    async def of(self, storage_id: str | None) -> Storage:
        """Return the store of that id; None is the shared one. Hold on to it for one piece of work, not longer.

        Raises:
            Internal: there is no such store, or its secret cannot be opened.
            PartUnavailable: its secret cannot be unwrapped now.
        """
        if storage_id is None:
            return self.shared
        bucket = await self.bucket(storage_id)
        known = self._opened.get(storage_id)
        if known is None or known.revision != bucket.revision:
            known = _Opened(bucket.revision, self._opener.open(await self.access(bucket)))
            self._opened[storage_id] = known
            if len(self._opened) > _MOST_OPEN:
                # Whoever is working with it goes on; its threads and connections end when nobody holds it any more.
                self._opened.popitem(last=False)
        self._opened.move_to_end(storage_id)
        return known.storage

    async def bucket(self, storage_id: str) -> OwnBucket:
        """Raises `Internal` if there is no such store."""
        found = await storages.find(self._db, storage_id)
        if found is None:
            raise Internal("A recording names a bucket that is not known.", storage=storage_id)
        return found

    async def access(self, bucket: OwnBucket) -> StoreAccess:
        """Return how the bucket is reached, its secret opened.

        Raises:
            Internal: `seal_broken`.
            PartUnavailable: the secret cannot be unwrapped now.
        """
        return StoreAccess(
            endpoint=bucket.endpoint,
            region=bucket.region,
            bucket=bucket.bucket,
            path_style=bucket.path_style,
            access_key_id=bucket.access_key_id,
            secret_access_key=await self._sealer.open(
                bucket.tenant_id, bucket.secret, seal_context(bucket.id)
            ),
        )

    async def provider(self, storage_id: str | None) -> Provider:
        """Return what the library calls the store."""
        return self._shared_provider if storage_id is None else (await self.bucket(storage_id)).provider

    async def check_readable(self, storage_id: str | None) -> None:
        """Raises `Conflict` (`storage_read_forbidden`) if the store's key may only put."""
        if storage_id is not None and not (await self.bucket(storage_id)).may_read:
            raise Conflict(
                "The key of this bucket may put objects, but not read them. Allow it s3:GetObject, then call "
                "POST /v1/settings/storage/test.",
                code="storage_read_forbidden",
            )

    async def check_movable(self, storage_id: str | None) -> None:
        """Raises `Conflict` if the store's key may not read or not delete (`storage_delete_forbidden`)."""
        await self.check_readable(storage_id)
        if storage_id is not None and not (await self.bucket(storage_id)).may_delete:
            raise Conflict(
                "The key of this bucket may not delete objects. Allow it s3:DeleteObject, then call "
                "POST /v1/settings/storage/test.",
                code="storage_delete_forbidden",
            )

    async def close(self) -> None:
        while self._opened:
            await self._opened.popitem()[1].storage.close()


def seal_context(storage_id: str) -> str:
    return f"storages|secret|{storage_id}"
