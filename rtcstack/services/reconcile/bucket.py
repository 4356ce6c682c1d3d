"""A bucket ↔ the recordings that lie in it, by its own list: a slice of some thousand keys at each look."""

from collections.abc import Sequence
from dataclasses import replace

from rtcstack.clock import Clock
from rtcstack.domain.finding import LAST_SUBJECT, Finding, FindingKind, Look
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict, ObjectNotFound
from rtcstack.ports.database import Database
from rtcstack.ports.storage import Storage
from rtcstack.repositories import disagreements, reconcile, storages
from rtcstack.services.library.retry import RecordingRetry
from rtcstack.services.reconcile.adopt import Adoption
from rtcstack.services.reconcile.check import Check
from rtcstack.services.reconcile.kept import VERIFYING, VERIFYING_AGAIN, KeptCheck
from rtcstack.services.repairs import have_verified, note_repair
from rtcstack.services.storage.stores import Stores

_SLICE = 5000
_MOST_CALLS = 200
_YOUNG_MS = 10_000
_WANTED = frozenset({"not_recovered", "object_missing"})
"""Why a recording fails whose object is not there."""


class BucketCheck:
    """`own` is a tenant's bucket, None the shared one. Recordings in the archive are `KeptCheck`'s."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        stores: Stores,
        retry: RecordingRetry,
        adoption: Adoption,
        own: OwnBucket | None,
        *,
        slice_keys: int = _SLICE,
    ) -> None:
        self._db, self._clock, self._stores = db, clock, stores
        self._retry, self._adoption, self._own = retry, adoption, own
        self._storage_id = own.id if own else None
        self._prefix = own.prefix if own else ""
        self._slice_keys = slice_keys
        self.name = f"bucket {own.id}" if own else "bucket"

    async def look(self, cursor: str) -> Look:
        """Raises `StoreDenied` where the key of a tenant's bucket may not list it."""
        store = await self._stores.of(self._storage_id)
        listed = await store.list_from(self._prefix, cursor, self._slice_keys)
        sizes = {entry.key: entry.size_bytes for entry in listed}
        up_to = listed[-1].key if len(listed) == self._slice_keys else LAST_SUBJECT
        rows = await disagreements.in_store(self._db, self._storage_id, cursor, up_to, self._slice_keys)
        if len(rows) == self._slice_keys:
            up_to = rows[-1].object_key
        unknown = await self._unknown([key for key in sizes if key <= up_to])
        up_to = _up_to([*(row.object_key for row in rows if row.object_key not in sizes), *unknown], up_to)
        was_open = await reconcile.open_since(self._db, self.name)
        by_key = {row.object_key: row for row in rows}
        findings = [
            await self._look_at(store, by_key[key], sizes.get(key), is_open=key in was_open)
            for key in by_key
            if key <= up_to
        ]
        findings += [await self._adoption.look_at(self._own, key) for key in unknown if key <= up_to]
        cursor_now = "" if up_to == LAST_SUBJECT else up_to
        return Look(len(listed), [f for f in findings if f], after=cursor, up_to=up_to, cursor=cursor_now)

    async def _unknown(self, keys: Sequence[str]) -> list[str]:
        """Return those of the listed keys that a recording may have and none has, not even a deleted one."""
        asked = [key for key in keys if self._adoption.is_of_pattern(self._own, key)]
        if not asked:
            return []
        known = await disagreements.keys_in_store(self._db, self._storage_id, asked[0], asked[-1])
        return [key for key in asked if key not in known]

    async def _look_at(
        self, store: Storage, row: Recording, size_bytes: int | None, *, is_open: bool
    ) -> Finding | None:
        if row.state is RecordingState.FAILED:
            is_late = size_bytes is not None and row.error_code in _WANTED
            return await self._take_up(row) if is_late else None
        if row.completed_at_ms is None or row.completed_at_ms > self._clock.now_ms() - _YOUNG_MS:
            return None
        if size_bytes is None:
            return await self._missing(store, row, is_open=is_open)
        if row.size_bytes is not None and row.size_bytes != size_bytes:
            text = f"Its object has {size_bytes} bytes, and {row.size_bytes} were recorded."
            return await self._examine(_finding(FindingKind.SIZE_MISMATCH, row, text), row, is_open=is_open)
        if is_open:
            await self._agrees_again(row)
        return None

    async def _missing(self, store: Storage, row: Recording, *, is_open: bool) -> Finding | None:
        """The list may be older than the object; the store is asked for it by name."""
        try:
            await store.stat(row.object_key, row.bucket)
        except ObjectNotFound:
            text = "It is ready, and its object is not in the bucket."
            return await self._examine(_finding(FindingKind.OBJECT_MISSING, row, text), row, is_open=is_open)
        return None

    async def _examine(self, finding: Finding, row: Recording, *, is_open: bool) -> Finding:
        """Have it verified, once: it is mended from the spool if a file is there, and the customer hears of it otherwise."""
        mending = replace(finding, mended=VERIFYING)
        if not is_open:
            await have_verified(self._db, self._clock, row.id, mending)
        return mending

    async def _agrees_again(self, row: Recording) -> None:
        """What had not agreed at the last look and does now is verified anew, all of it."""
        text = "Its object is there in its size again."
        again = replace(_finding(FindingKind.OBJECT_LATE, row, text), mended=VERIFYING_AGAIN)
        await have_verified(self._db, self._clock, row.id, again)

    async def _take_up(self, row: Recording) -> Finding | None:
        """It failed since its object was not there; now it is."""
        text = f"It failed ({row.error_code}), and its object is in the bucket."
        finding = replace(
            _finding(FindingKind.OBJECT_LATE, row, text),
            mended="asked for: its object's confirmation, with which it is ready",
        )
        try:
            await self._retry.retry(row.tenant_id, row.id)
        except Conflict:
            return None  # another took it up, or it is gone again
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await note_repair(tx, finding, now_ms)
        return None


class Buckets:
    """The two checks of each bucket that counts: the shared one, and tenants' own that are set or that recordings lie in."""

    def __init__(
        self, db: Database, clock: Clock, stores: Stores, retry: RecordingRetry, adoption: Adoption
    ) -> None:
        self._made = (db, clock, stores, retry, adoption)
        self._db, self._clock, self._stores = db, clock, stores

    async def list(self) -> list[Check]:
        own = (None, *await storages.list_in_use(self._db))
        kept = [KeptCheck(self._db, self._clock, self._stores, each) for each in own]
        return [*(BucketCheck(*self._made, each) for each in own), *kept]


def _up_to(asked_for: Sequence[str], up_to: str) -> str:
    """Each of those keys costs a call to the store: end the slice where there would be too many."""
    return min(up_to, sorted(asked_for)[_MOST_CALLS]) if len(asked_for) > _MOST_CALLS else up_to


def _finding(kind: FindingKind, row: Recording, text: str) -> Finding:
    return Finding(kind, row.object_key, text, row.tenant_id, row.id)
