"""Data keys: made on a tenant's first secret, unwrapped once, then kept in memory."""

import asyncio
import secrets
from collections.abc import Sequence

from rtcstack.clock import Clock
from rtcstack.domain.sealing import DATA_KEY_BYTES, DataKey, WrappedKey, data_key_place
from rtcstack.errors import Internal
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.key_wrapper import KeyWrapper
from rtcstack.repositories import data_keys
from rtcstack.repositories.data_keys import StoredKey
from rtcstack.services.sealing.recent import Recent

NOTICED_MS = 2_000
"""So long after a rotation another process may still seal with the key before."""
_KEPT = 4096


class DataKeys:
    """`ports/key_wrapper.py`'s `DataKeySource`. Several processes may work on one database."""

    def __init__(self, db: Database, clock: Clock, wrapper: KeyWrapper) -> None:
        self._db, self._clock, self._wrapper = db, clock, wrapper
        self._keys: Recent[str, DataKey] = Recent(_KEPT)
        self._current: Recent[str, tuple[str, int]] = Recent(_KEPT)
        self._opening: dict[str, asyncio.Task[DataKey]] = {}

    async def current(self, tenant_id: str) -> DataKey:
        now_ms = self._clock.now_ms()
        known = self._current.find(tenant_id)
        if known and 0 <= now_ms - known[1] < NOTICED_MS:
            return await self.get(known[0])
        newest = await data_keys.find_newest(self._db, tenant_id)
        key = await self.get(newest.id) if newest else await self._make_first(tenant_id)
        self._current.put(tenant_id, (key.id, now_ms))
        return key

    async def get(self, data_key_id: str) -> DataKey:
        if key := self._keys.find(data_key_id):
            return key
        opening = self._opening.get(data_key_id)
        if opening is None:  # whoever else asks meanwhile waits for the same answer
            opening = asyncio.create_task(self._open(data_key_id), name=f"data key {data_key_id}")
            self._opening[data_key_id] = opening
            opening.add_done_callback(lambda task: self._opened(data_key_id, task))
        return await asyncio.shield(opening)

    async def renew(self, tenant_ids: Sequence[str]) -> None:
        """Make another key for each tenant, which seals from now on."""
        now_ms = self._clock.now_ms()
        made = await asyncio.gather(*(self._new(tenant_id, now_ms) for tenant_id in tenant_ids))
        async with self._db.transaction() as tx:
            for key, wrapped in made:
                newest = await data_keys.find_newest(tx, key.tenant_id)
                # Newer than the one before, also when the clock was put back meanwhile.
                created_at_ms = max(now_ms, newest.created_at_ms + 1) if newest else now_ms
                await data_keys.add(tx, StoredKey(key.id, key.tenant_id, wrapped, created_at_ms))
        for key, _ in made:
            self._keep(key, now_ms)

    def _opened(self, data_key_id: str, task: asyncio.Task[DataKey]) -> None:
        del self._opening[data_key_id]
        if not task.cancelled():
            task.exception()  # those who asked may all be gone

    async def _open(self, data_key_id: str) -> DataKey:
        stored = await data_keys.find(self._db, data_key_id)
        if stored is None:
            raise Internal(
                f"A secret is sealed with the data key {data_key_id}, which the database does not have.",
                code="seal_broken",
            )
        secret = await self._wrapper.unwrap(stored.wrapped, data_key_place(stored.tenant_id, stored.id))
        key = DataKey(stored.id, stored.tenant_id, secret)
        self._keys.put(key.id, key)
        return key

    async def _make_first(self, tenant_id: str) -> DataKey:
        """Make a key; if another process was quicker, return that one's."""
        now_ms = self._clock.now_ms()
        key, wrapped = await self._new(tenant_id, now_ms)
        async with self._db.transaction() as tx:
            first = await data_keys.find_newest(tx, tenant_id)
            if first is None:
                await data_keys.add(tx, StoredKey(key.id, tenant_id, wrapped, now_ms))
        if first is not None:
            return await self.get(first.id)
        self._keep(key, now_ms)
        return key

    async def _new(self, tenant_id: str, now_ms: int) -> tuple[DataKey, WrappedKey]:
        key = DataKey(new_id("dk", now_ms), tenant_id, secrets.token_bytes(DATA_KEY_BYTES))
        return key, await self._wrapper.wrap(key.secret, data_key_place(tenant_id, key.id))

    def _keep(self, key: DataKey, now_ms: int) -> None:
        self._keys.put(key.id, key)
        self._current.put(key.tenant_id, (key.id, now_ms))
