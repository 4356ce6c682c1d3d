"""A tenant's own bucket: checked by using it before it is accepted, its secret sealed before it is stored."""

from dataclasses import dataclass, field, replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.own_bucket import OwnBucket, Place, check_keys, place_of
from rtcstack.errors import Conflict, StorageNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.storage import Permissions, StoreAccess, StoreOpener
from rtcstack.repositories import storages
from rtcstack.services.storage.stores import Stores, seal_context

_log = log.get(__name__)
PROBE_NAME = "rtcstack-check.txt"
"""The object that a check puts; a key that may not delete leaves it there, and the next check writes over it."""


@dataclass(frozen=True)
class BucketDraft:
    """What a caller sends."""

    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str | None = None
    endpoint: str | None = None
    prefix: str | None = None
    path_style: bool | None = None

    def place(self) -> Place:
        check_keys(self.access_key_id, self.secret_access_key)
        return place_of(
            self.bucket,
            region=self.region,
            endpoint=self.endpoint,
            prefix=self.prefix,
            path_style=self.path_style,
        )


class StorageSettings:
    def __init__(
        self, db: Database, clock: Clock, sealer: Sealer, opener: StoreOpener, stores: Stores
    ) -> None:
        self._db, self._clock, self._sealer = db, clock, sealer
        self._opener, self._stores = opener, stores

    async def get(self, tenant_id: str) -> OwnBucket:
        """Raises `StorageNotFound` if recordings go to the appliance's bucket."""
        found = await storages.find_current(self._db, tenant_id)
        if found is None:
            raise StorageNotFound(
                "No bucket of your own is set: recordings go to the appliance's bucket, if it may be used."
            )
        return found

    async def put(self, tenant_id: str, draft: BucketDraft) -> OwnBucket:
        """Have new recordings go to that bucket. Older ones stay where they are, and are reached there.

        Keys for a bucket that was set before take the place of the older ones, for older recordings as well.

        Raises:
            Invalid: a field is wrong (`invalid_storage`), or an object could not be put (`storage_check_failed`).
            Conflict: `storage_taken`, another tenant records into the same folders, or it is the appliance's bucket.
            PartUnavailable: the secret cannot be sealed now.
        """
        place = draft.place()
        self._stores.check_not_shared(place)
        permissions = await self._check(place, draft)
        now_ms = self._clock.now_ms()
        known = await storages.find_same(self._db, tenant_id, place.endpoint, place.bucket)
        storage_id = known.id if known else new_id("sto", now_ms)
        secret = await self._sealer.seal(tenant_id, draft.secret_access_key, seal_context(storage_id))
        made = OwnBucket(
            id=storage_id,
            tenant_id=tenant_id,
            endpoint=place.endpoint,
            region=place.region,
            bucket=place.bucket,
            prefix=place.prefix,
            path_style=place.path_style,
            access_key_id=draft.access_key_id,
            secret=secret,
            may_read=permissions.may_read,
            may_delete=permissions.may_delete,
            checked_at_ms=now_ms,
            created_at_ms=known.created_at_ms if known else now_ms,
            updated_at_ms=now_ms,
        )
        async with self._db.transaction() as tx:
            if await storages.is_taken(tx, made):
                raise Conflict(
                    "Another tenant records into this bucket under this prefix: rooms of the same name would share a "
                    "folder. Give another prefix.",
                    code="storage_taken",
                )
            await storages.make_current(tx, made)
        _log.info("a tenant records into a bucket of its own", tenant=tenant_id, bucket=place.bucket)
        return made

    async def delete(self, tenant_id: str) -> None:
        """Have new recordings go to the appliance's bucket again. Older ones are still reached where they are.

        Raises:
            StorageNotFound: there is nothing to delete.
        """
        async with self._db.transaction() as tx:
            if not await storages.retire(tx, tenant_id, self._clock.now_ms()):
                raise StorageNotFound("No bucket of your own is set.")

    async def test(self, tenant_id: str) -> OwnBucket:
        """Check the bucket that is set, note what its key may do now, and return it.

        Raises:
            StorageNotFound: none is set.
            Invalid: an object cannot be put (any more).
        """
        current = await self.get(tenant_id)
        permissions = await self._opener.check(
            await self._stores.access(current), current.prefix + PROBE_NAME
        )
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await storages.note_check(
                tx,
                current,
                may_read=permissions.may_read,
                may_delete=permissions.may_delete,
                now_ms=now_ms,
            )
        return replace(
            current,
            may_read=permissions.may_read,
            may_delete=permissions.may_delete,
            checked_at_ms=now_ms,
        )

    async def _check(self, place: Place, draft: BucketDraft) -> Permissions:
        access = StoreAccess(
            endpoint=place.endpoint,
            region=place.region,
            bucket=place.bucket,
            path_style=place.path_style,
            access_key_id=draft.access_key_id,
            secret_access_key=draft.secret_access_key,
        )
        return await self._opener.check(access, place.prefix + PROBE_NAME)
