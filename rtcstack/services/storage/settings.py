"""A tenant's own bucket: checked by using it before it is accepted, its secret sealed before it is stored."""

from dataclasses import dataclass, field, replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.own_bucket import OwnBucket, Place, check_keys, place_of
from rtcstack.errors import StorageNotFound
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.storage import Permissions, StoreAccess, StoreOpener
from rtcstack.repositories import storages
from rtcstack.services.audit import record
from rtcstack.services.storage.neighbours import Neighbours
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
        self,
        db: Database,
        clock: Clock,
        sealer: Sealer,
        opener: StoreOpener,
        stores: Stores,
        neighbours: Neighbours,
    ) -> None:
        self._db, self._clock, self._sealer = db, clock, sealer
        self._opener, self._stores, self._neighbours = opener, stores, neighbours

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
            Conflict: `storage_taken`, folders in it are another tenant's, or it is the appliance's bucket;
                `storage_check_running`.
            PartUnavailable: the secret cannot be sealed now.
        """
        place = draft.place()
        await self._neighbours.check_not_shared(place)
        permissions = await self._check(tenant_id, place, draft)
        await self._neighbours.check(self._db, tenant_id, place)
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
            await self._neighbours.check_spelled(tx, tenant_id, place)  # another may have been quicker
            await storages.make_current(tx, made)
            where = {"endpoint": place.endpoint, "bucket": place.bucket, "prefix": place.prefix}
            await record(tx, Action.STORAGE_SET, tenant_id, storage_id, now_ms, **where)
        _log.info("a tenant records into a bucket of its own", tenant=tenant_id, bucket=place.bucket)
        return made

    async def delete(self, tenant_id: str) -> None:
        """Have new recordings go to the appliance's bucket again. Older ones are still reached where they are.

        Raises:
            StorageNotFound: there is nothing to delete.
        """
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            was = await storages.find_current(tx, tenant_id)
            if was is None or not await storages.retire(tx, tenant_id, now_ms):
                raise StorageNotFound("No bucket of your own is set.")
            await record(tx, Action.STORAGE_DELETE, tenant_id, was.id, now_ms)

    async def test(self, tenant_id: str) -> OwnBucket:
        """Check the bucket that is set, note what its key may do now, and return it.

        Raises:
            StorageNotFound: none is set.
            Invalid: an object cannot be put (any more).
            Conflict: `storage_check_running`.
        """
        current = await self.get(tenant_id)
        permissions = await self._opener.check(
            await self._stores.access(current), current.prefix + PROBE_NAME, tenant_id
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

    async def _check(self, tenant_id: str, place: Place, draft: BucketDraft) -> Permissions:
        access = StoreAccess(
            endpoint=place.endpoint,
            region=place.region,
            bucket=place.bucket,
            path_style=place.path_style,
            access_key_id=draft.access_key_id,
            secret_access_key=draft.secret_access_key,
        )
        return await self._opener.check(access, place.prefix + PROBE_NAME, tenant_id)
