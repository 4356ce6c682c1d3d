"""Which keys hold what."""

from collections import Counter
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.sealing import V1
from rtcstack.errors import Conflict, NotFound, Upstream
from rtcstack.ports.database import Database
from rtcstack.ports.key_wrapper import KeyWrapper
from rtcstack.repositories import data_keys, sealed_columns
from rtcstack.repositories.sealed_columns import SEALED
from rtcstack.services.audit import record


@dataclass(frozen=True)
class KeyUse:
    """A key that wraps: data keys under it, texts of version 1 sealed with it directly, whether it is configured here."""

    kek_id: str
    data_keys: int
    texts: int
    is_configured: bool


@dataclass(frozen=True)
class Inventory:
    """`current` is None when a vault does not say; `trouble` then has its words. `texts` are by column."""

    current: str | None
    trouble: str
    uses: tuple[KeyUse, ...]
    texts: dict[str, int]
    """Sealed texts, by table and column."""
    behind: int
    """Texts that an older data key than their tenant's newest sealed, or none."""


class SealingKeys:
    def __init__(self, db: Database, clock: Clock, wrapper: KeyWrapper) -> None:
        self._db, self._clock, self._wrapper = db, clock, wrapper

    async def inventory(self) -> Inventory:
        current, trouble = await self._current()
        wrapped = await data_keys.count_by_kek(self._db)
        newest = {f"v2.{key.id}" for key in await data_keys.list_newest(self._db)}
        texts: dict[str, int] = {}
        by_key: Counter[str] = Counter()
        for column in SEALED:
            counts = await sealed_columns.count_by_key(self._db, column)
            texts[f"{column.table}.{column.column}"] = sum(counts.values())
            by_key.update(counts)
        direct = {
            f"appliance:{key.removeprefix('v1.')}": n for key, n in by_key.items() if key.startswith(V1)
        }
        ids = sorted({*wrapped, *direct, *([current] if current else [])})
        uses = tuple(KeyUse(i, wrapped.get(i, 0), direct.get(i, 0), self._wrapper.opens(i)) for i in ids)
        return Inventory(current, trouble, uses, texts, sum(n for k, n in by_key.items() if k not in newest))

    async def _current(self) -> tuple[str | None, str]:
        try:
            return await self._wrapper.current_id(), ""
        except Upstream as e:
            return None, e.message

    async def forget(self, kek_id: str) -> int:
        """Give up what is sealed under a key that is lost: delete its data keys, and return how many.

        Raises:
            Conflict: the key is configured here, so nothing is lost.
            NotFound: it wraps nothing.
        """
        if self._wrapper.opens(kek_id):
            raise Conflict(f"The key {kek_id} is configured here; `rtcstack sealing rotate` replaces it.")
        async with self._db.transaction() as tx:
            if not (forgotten := await data_keys.forget(tx, kek_id)):
                raise NotFound(
                    f"No data key is wrapped with {kek_id}; `rtcstack sealing status` shows the ids."
                )
            await record(tx, Action.SEALING_FORGET, None, kek_id, self._clock.now_ms(), data_keys=forgotten)
        return forgotten
