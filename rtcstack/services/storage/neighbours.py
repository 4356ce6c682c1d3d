"""Who else records into a bucket: no two tenants have a folder in common, and nobody has the appliance's bucket."""

from collections.abc import Sequence

from rtcstack.domain.own_bucket import Place, may_be_one_store, spot_of
from rtcstack.errors import Conflict
from rtcstack.ports.database import Reader
from rtcstack.ports.storage import StoreOpener
from rtcstack.repositories import storages

_MOST_LOOKED_UP = 16


class Neighbours:
    """`shared_endpoints` and `shared_buckets` are the appliance's own."""

    def __init__(
        self, opener: StoreOpener, *, shared_endpoints: Sequence[str], shared_buckets: Sequence[str]
    ) -> None:
        self._opener = opener
        self._shared_endpoints, self._shared_buckets = shared_endpoints, shared_buckets

    async def check_not_shared(self, place: Place) -> None:
        """Raises `Conflict` (`storage_taken`) if the bucket is the appliance's own, whatever the prefix."""
        if place.bucket in self._shared_buckets and (
            any(_is_spelled_alike(place, each) for each in self._shared_endpoints)
            or await self._is_any(place, self._shared_endpoints)
        ):
            raise Conflict(
                "This is the appliance's own bucket, which all tenants without a bucket of their own record into. Give "
                "another one; to record into the appliance's, set none: DELETE /v1/settings/storage.",
                code="storage_taken",
            )

    async def check(self, reader: Reader, tenant_id: str, place: Place) -> None:
        """Look hosts up as well: two names may lead to one store.

        Only for who has shown a key of that bucket: others must not learn whose it is.

        Raises:
            Conflict: `storage_taken`, another tenant has folders under that prefix, or this prefix lies in its folder.
        """
        await self.check_spelled(reader, tenant_id, place)
        others = await storages.list_overlapping(reader, tenant_id, place.bucket, place.prefix)
        if await self._is_any(place, [other.endpoint for other in others]):
            raise _taken()

    async def check_spelled(self, reader: Reader, tenant_id: str, place: Place) -> None:
        """Compare what is written, with nothing but the database; raises as `check` does."""
        others = await storages.list_overlapping(reader, tenant_id, place.bucket, place.prefix)
        if any(_is_spelled_alike(place, other.endpoint) for other in others):
            raise _taken()

    async def _is_any(self, place: Place, endpoints: Sequence[str]) -> bool:
        alike = {each for each in endpoints if may_be_one_store(place.endpoint, each)}
        if not alike:
            return False
        mine = await self._opener.addresses(place.endpoint)
        looked_up = [await self._opener.addresses(each) for each in sorted(alike)[:_MOST_LOOKED_UP]]
        return any(mine & theirs for theirs in looked_up)


def _is_spelled_alike(place: Place, endpoint: str) -> bool:
    return spot_of(place.endpoint, place.bucket) == spot_of(endpoint, place.bucket)


def _taken() -> Conflict:
    return Conflict(
        "Another tenant records into this bucket under this prefix, or under one that holds it or lies within it: each "
        "could read and replace the other's recordings. Give a prefix that shares no folder with anybody's, or another "
        "bucket.",
        code="storage_taken",
    )
