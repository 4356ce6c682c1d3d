"""What is under way to the store when an egress ends."""

import asyncio
from pathlib import Path
from typing import Any

from rtcstack.egress.dispatcher.journal import Journal, UploadAsked, UploadBegun
from rtcstack.egress.dispatcher.store import Store
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order

_ORDER = Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True)


class _SlowStore(UploadSession):
    """The store's answer comes when it is let go."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(_ORDER, journal)
        self.journal, self.asked, self.let_go = journal, asyncio.Event(), asyncio.Event()

    async def _begin(self, store: Store, metadata: dict[str, str], part_bytes: int, sha256: str = "") -> None:
        del store, metadata
        await self.journal.append(UploadAsked())
        self.asked.set()
        await self.let_go.wait()
        await self.journal.append(UploadBegun("id", "there", part_bytes, sha256))


async def test_an_upload_that_is_being_begun_is_not_left_behind(tmp_path: Path) -> None:
    store: Any = None
    session = _SlowStore(Journal(tmp_path / "journal.jsonl"))
    beginning = asyncio.create_task(session.begin(store))
    await session.asked.wait()
    beginning.cancel()
    tidying = asyncio.create_task(session.tidy(None))
    await asyncio.sleep(0.05)
    session.let_go.set()
    await tidying
    facts = session.journal.facts
    assert (facts.uploads_asked, facts.upload) == (0, None)
