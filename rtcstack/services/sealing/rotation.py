"""Replace keys while everything runs: the key that wraps data keys, the data keys, and the texts sealed with old ones.

Nothing is remembered between runs: what is left to do is read off the rows, and each row changes by a conditional update.
So a run that was killed is taken up by the next one, and two at once do no harm.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.sealing import V1, SealedText, data_key_place
from rtcstack.errors import Internal, PartUnavailable
from rtcstack.ports.database import Database
from rtcstack.ports.key_wrapper import KeyWrapper
from rtcstack.ports.sealer import Sealer
from rtcstack.repositories import data_keys, sealed_columns
from rtcstack.repositories.data_keys import StoredKey
from rtcstack.repositories.sealed_columns import SEALED, Sealed
from rtcstack.services.audit import record
from rtcstack.services.sealing.data_keys import NOTICED_MS, DataKeys

_T = TypeVar("_T")
_BATCH = 100
_TRIES = 5
_MOST_PAUSE_S = 0.1
_RESUMED_MS = 24 * 3600 * 1000
"""A younger data key under which not everything is sealed yet is of a run that was cut off: it is not renewed again."""


@dataclass
class Rotated:
    """What a run did. `failed` are the places that could not be opened, and why."""

    kek_id: str
    rewrapped: int = 0
    data_keys_made: int = 0
    resealed: int = 0
    failed: dict[str, str] = field(default_factory=dict)


class Rotation:
    """`on_progress` is called after every batch."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        wrapper: KeyWrapper,
        keys: DataKeys,
        sealer: Sealer,
        *,
        noticed_ms: int = NOTICED_MS,
    ) -> None:
        self._db, self._clock, self._wrapper = db, clock, wrapper
        self._keys, self._sealer, self._noticed_ms = keys, sealer, noticed_ms

    async def rotate(
        self, *, with_data_keys: bool, on_progress: Callable[[Rotated], None] = lambda _: None
    ) -> Rotated:
        """Wrap every data key with the current key and seal version 1's texts anew; `with_data_keys` makes new data keys
        as well, and seals everything anew with them.

        Raises:
            PartUnavailable, PartRefused: of the vault; the next run goes on.
        """
        done = Rotated(await self._wrapper.current_id())
        async with self._db.transaction() as tx:
            what = {"with_data_keys": with_data_keys}
            await record(tx, Action.SEALING_ROTATE, None, done.kek_id, self._clock.now_ms(), **what)
        while await self._rewrap_all(done, on_progress):
            # Another process may have made a key under the old one meanwhile, or Vault a new version of its own.
            done.kek_id = await self._wrapper.current_id()
        if with_data_keys:
            done.data_keys_made = await self._renew_data_keys()
            # By then other processes have noticed, and written what they had sealed before.
            await asyncio.sleep(1.5 * self._noticed_ms / 1000)
        while await self._reseal_all(done, on_progress, with_data_keys=with_data_keys):
            pass
        return done

    async def _rewrap_all(self, done: Rotated, on_progress: Callable[[Rotated], None]) -> int:
        """Return how many were rewrapped."""
        before, after = done.rewrapped, ""
        while batch := await data_keys.list_wrapped_otherwise(
            self._db, done.kek_id, after=after, limit=_BATCH
        ):
            done.rewrapped += await _patiently(partial(self._rewrap, batch, done))
            after = batch[-1].id
            on_progress(done)
        return done.rewrapped - before

    async def _rewrap(self, batch: Sequence[StoredKey], done: Rotated) -> int:
        places = [data_key_place(key.tenant_id, key.id) for key in batch]
        wrapping = (
            self._wrapper.rewrap(key.wrapped, place) for key, place in zip(batch, places, strict=True)
        )
        answers = await asyncio.gather(*wrapping, return_exceptions=True)
        changed = 0
        async with self._db.transaction() as tx:
            for key, place, answer in zip(batch, places, answers, strict=True):
                if isinstance(answer, Internal):
                    done.failed[place] = answer.message
                elif isinstance(answer, BaseException):
                    raise answer
                elif answer.kek_id != key.wrapped.kek_id:
                    changed += await data_keys.rewrap(tx, key, answer)
        return changed

    async def _renew_data_keys(self) -> int:
        """Return how many were made."""
        newest = await data_keys.list_newest(self._db)
        behind = await self._behind({key.tenant_id: key.id for key in newest})
        young_ms = self._clock.now_ms() - _RESUMED_MS
        due = [k for k in newest if k.tenant_id not in behind or k.created_at_ms < young_ms]
        for start in range(0, len(due), _BATCH):
            tenant_ids = [key.tenant_id for key in due[start : start + _BATCH]]
            await _patiently(partial(self._keys.renew, tenant_ids))
        return len(due)

    async def _behind(self, newest: dict[str, str]) -> set[str]:
        """Return the tenants of which something is sealed with another key than their newest."""
        behind = set()
        for column in SEALED:
            after = None
            while page := await sealed_columns.page(self._db, column, after=after, limit=_BATCH):
                after = page[-1].key
                behind |= {s.tenant_id for s in page if _key_id(s) != newest.get(s.tenant_id)}
        return behind

    async def _reseal_all(
        self, done: Rotated, on_progress: Callable[[Rotated], None], *, with_data_keys: bool
    ) -> int:
        """Return how many were sealed anew."""
        before = done.resealed
        for column in SEALED:
            after = None
            while page := await sealed_columns.page(self._db, column, after=after, limit=_BATCH):
                after = page[-1].key
                done.resealed += await _patiently(partial(self._reseal, page, done, with_data_keys))
                on_progress(done)
        return done.resealed - before

    async def _reseal(self, page: Sequence[Sealed], done: Rotated, with_data_keys: bool) -> int:
        found = [(s, await self._resealed(s, done, with_data_keys=with_data_keys)) for s in page]
        anew = [(sealed, text) for sealed, text in found if text]
        if not anew:
            return 0
        async with self._db.transaction() as tx:
            return sum([await sealed_columns.replace(tx, sealed, text) for sealed, text in anew])

    async def _resealed(self, sealed: Sealed, done: Rotated, *, with_data_keys: bool) -> str | None:
        """Return the text sealed anew, or None if it may stay as it is or cannot be opened."""
        try:
            if not sealed.text.startswith(f"{V1}.") and not (
                with_data_keys and _key_id(sealed) != (await self._keys.current(sealed.tenant_id)).id
            ):
                return None
            secret = await self._sealer.open(sealed.tenant_id, sealed.text, sealed.context)
            return await self._sealer.seal(sealed.tenant_id, secret, sealed.context)
        except Internal as e:
            done.failed[sealed.context] = e.message
            return None


async def _patiently(work: Callable[[], Awaitable[_T]]) -> _T:
    """Do one batch, again if the database was busy for too long. Then leave it alone for as long as the batch took: who
    waits for the lock of another process only looks every 100 ms whether it is free.
    """
    for left in reversed(range(_TRIES)):
        began_s = time.monotonic()
        try:
            return await work()
        except PartUnavailable as e:
            if e.part != "database" or not left:
                raise
        finally:
            await asyncio.sleep(min(time.monotonic() - began_s, _MOST_PAUSE_S))
    raise AssertionError


def _key_id(sealed: Sealed) -> str:
    """Return the key's id; of a text that is none, nothing."""
    try:
        return SealedText.parse(sealed.text).key_id
    except ValueError:
        return ""
