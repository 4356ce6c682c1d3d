"""Many writes in one transaction."""

import asyncio
from collections.abc import Sequence

import pytest

from rtcstack.ports.database import Tx
from rtcstack.services.group_commit import GroupCommit
from tests.unit.services.conftest import World

_ADD = "INSERT INTO tenants (id, plan, created_at_ms) VALUES (:id, 'free', 1)"


class _Writer:
    def __init__(self) -> None:
        self.groups: list[int] = []

    async def write(self, tx: Tx, ids: Sequence[str]) -> Sequence[str]:
        self.groups.append(len(ids))
        for id_ in ids:
            await tx.execute(_ADD, id=id_)
        return [id_.upper() for id_ in ids]


async def test_writes_that_come_at_once_share_transactions_and_each_gets_its_own_result(world: World) -> None:
    writer = _Writer()
    commit = GroupCommit(world.db, writer.write, most=40)
    names = [f"t{n}" for n in range(100)]
    assert await asyncio.gather(*map(commit.add, names)) == [name.upper() for name in names]
    assert sum(writer.groups) == 100
    assert len(writer.groups) <= 4
    assert max(writer.groups) <= 40
    assert await world.count("tenants") == 101


async def test_nobody_is_answered_before_the_commit(world: World) -> None:
    commit = GroupCommit(world.db, _Writer().write)

    async def add(name: str) -> None:
        await commit.add(name)
        assert await world.db.find("SELECT 1 FROM tenants WHERE id = :id", id=name)

    await asyncio.gather(*(add(f"t{n}") for n in range(50)))


async def test_what_keeps_a_group_from_being_committed_is_told_to_each_and_the_next_one_is_done(
    world: World,
) -> None:
    commit = GroupCommit(world.db, _Writer().write, most=10)
    names = [f"t{n}" for n in range(20)] + ["default"]  # the last one is there already
    done = await asyncio.gather(*map(commit.add, names), return_exceptions=True)
    assert [isinstance(result, Exception) for result in done] == [False] * 20 + [True]
    assert await commit.add("t99") == "T99"


async def test_one_that_waits_no_more_keeps_the_others_from_nothing(world: World) -> None:
    commit = GroupCommit(world.db, _Writer().write)
    tasks = [asyncio.create_task(commit.add(f"t{n}")) for n in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [result for result in done if isinstance(result, str)] == ["T0", "T1", "T3", "T4"]
    with pytest.raises(asyncio.CancelledError):
        tasks[2].result()
