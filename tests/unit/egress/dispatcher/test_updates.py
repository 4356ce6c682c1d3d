"""The queue against a LiveKit that fails on command; the real one is in the integration tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.egress.dispatcher.journal import Journal
from rtcstack.egress.dispatcher.updates import Updates
from rtcstack.errors import PartRefused, PartUnavailable

_PATIENCE_S = 10


class Books:
    """LiveKit's books: each failure that was ordered is met once."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.created: list[str] = []
        self.statuses: list[int] = []

    async def create_egress(self, info: EgressInfo) -> None:
        if info.egress_id not in self.created:
            self.created.append(info.egress_id)

    async def update_egress(self, info: EgressInfo) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.statuses.append(info.status)


def _info(status: EgressStatus = EgressStatus.EGRESS_STARTING) -> EgressInfo:
    return EgressInfo(egress_id="EG_1", status=status)


@asynccontextmanager
async def _sending(updates: Updates) -> AsyncIterator[None]:
    task = asyncio.create_task(updates.run())
    yield
    async with asyncio.timeout(_PATIENCE_S):
        await updates.wait_until_acknowledged()
    task.cancel()


async def test_reports_arrive_in_order(tmp_path: Path) -> None:
    books = Books()
    updates = Updates(books, Journal(tmp_path / "journal"))
    async with _sending(updates):
        for status in (EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING, EgressStatus.EGRESS_COMPLETE):
            await updates.put(_info(status))
    assert books.statuses == [1, 2, 3]


async def test_a_report_is_repeated_until_it_is_taken_and_nothing_overtakes_it(tmp_path: Path) -> None:
    books = Books(PartUnavailable("away", part="livekit"), PartUnavailable("away", part="livekit"))
    updates = Updates(books, Journal(tmp_path / "journal"))
    await updates.put(_info(EgressStatus.EGRESS_ENDING))
    await updates.put(_info(EgressStatus.EGRESS_COMPLETE))
    async with _sending(updates):
        pass
    assert books.statuses == [2, 3]


async def test_a_refused_report_gives_way_to_a_newer_one_but_the_last_one_stays(tmp_path: Path) -> None:
    refusal = PartRefused("no", part="livekit")
    books = Books(refusal, refusal)
    updates = Updates(books, Journal(tmp_path / "journal"))
    await updates.put(_info(EgressStatus.EGRESS_ENDING))
    await updates.put(_info(EgressStatus.EGRESS_COMPLETE))
    async with _sending(updates):
        pass
    assert books.statuses == [3]


async def test_what_was_not_acknowledged_is_sent_after_a_restart(tmp_path: Path) -> None:
    first = Updates(Books(), Journal(tmp_path / "journal"))
    await first.prepare(_info())
    await first.create(_info())
    await first.put(_info(EgressStatus.EGRESS_COMPLETE))

    books, journal = Books(), Journal(tmp_path / "journal")
    second = Updates(books, journal)
    second.restore(journal.read())
    async with _sending(second):
        pass
    assert books.created == ["EG_1"]
    assert books.statuses == [3]

    third = Updates(Books(), journal)
    third.restore(Journal(tmp_path / "journal").read())
    async with asyncio.timeout(_PATIENCE_S):
        await third.wait_until_acknowledged()


async def test_a_new_egress_that_nobody_took_is_told_of_before_all_else(tmp_path: Path) -> None:
    class Away(Books):
        async def create_egress(self, info: EgressInfo) -> None:
            raise PartUnavailable(f"nobody took {info.egress_id}", part="livekit")

    journal = Journal(tmp_path / "journal")
    updates = Updates(Away(), journal)
    await updates.prepare(_info())
    await updates.create(_info())
    await updates.put(_info(EgressStatus.EGRESS_ACTIVE))

    books = Books()
    after = Updates(books, journal)
    after.restore(journal.read())
    async with _sending(after):
        pass
    assert (books.created, books.statuses) == (["EG_1"], [0, 1])


async def test_what_was_overtaken_is_not_sent_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    first = Updates(Books(), journal)
    await first.prepare(_info())
    await first.put(_info(EgressStatus.EGRESS_ACTIVE))
    async with _sending(first):
        pass
    books = Books()
    second = Updates(books, journal)
    second.restore(journal.read())
    async with _sending(second):
        pass
    assert books.statuses == []


async def test_a_refusal_to_take_a_new_egress_is_the_callers(tmp_path: Path) -> None:
    class Refusing(Books):
        async def create_egress(self, info: EgressInfo) -> None:
            raise PartRefused(f"not {info.egress_id}", part="livekit")

    updates = Updates(Refusing(), Journal(tmp_path / "journal"))
    await updates.prepare(_info())
    with pytest.raises(PartRefused):
        await updates.create(_info())
