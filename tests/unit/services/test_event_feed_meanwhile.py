"""Events that are put while a page of several kinds is read: the next page has them, none is passed over."""

from collections.abc import Sequence
from typing import Any

from rtcstack.domain.webhook import EventName
from rtcstack.ports.database import Row
from rtcstack.repositories import outbox
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put

_KINDS = (EventName.EGRESS_ENDED, EventName.RECORDING_COMPLETE)


class _Interrupted:
    """A reader between whose first and second look for a kind an event of each is put."""

    def __init__(self, world: World) -> None:
        self._world, self._db = world, world.db
        self.put: list[str] = []

    async def all(self, sql: str, **values: Any) -> Sequence[Row]:
        rows = await self._db.all(sql, **values)
        if "event" in values and not self.put:
            self.put = [await put(self._world, kind) for kind in _KINDS]
        return rows

    async def find(self, sql: str, **values: Any) -> Row | None:
        return await self._db.find(sql, **values)

    async def look_up(self, sql: str, **values: Any) -> Row | None:
        return await self._db.look_up(sql, **values)


async def test_what_is_put_between_two_looks_is_left_to_the_next_page(world: World) -> None:
    reader = _Interrupted(world)
    assert await outbox.list_after(reader, TENANT, 0, _KINDS, 10) == []
    assert len(reader.put) == len(_KINDS)
    assert [one.id for one in await outbox.list_after(world.db, TENANT, 0, _KINDS, 10)] == reader.put
