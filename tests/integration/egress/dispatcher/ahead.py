"""A recording that grows at will and is sent to the store meanwhile, by the worker's own parts."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from minio import Minio

from rtcstack.egress.dispatcher.delivery import Delivery
from rtcstack.egress.dispatcher.journal import Journal, Stored
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.store import Store, Stores, StoreSource
from rtcstack.egress.dispatcher.upload_ahead import UploadAhead
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.finish import finish
from rtcstack.egress.finished import Finished
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order, Spool, SpoolFolder
from rtcstack.egress.zygote import FinishFailed
from rtcstack.settings import Settings
from tests.support.growing_part import GrowingPart

MIB = 1024 * 1024
PART_BYTES = 5 * MIB
"""The least that S3 takes."""
PATIENCE_S = 60.0
_LOOK_S = 0.02


def order_of(key: str) -> Order:
    return Order(
        "EG_1",
        "RM_1",
        "room",
        key,
        1,
        Encoding(),
        "grid",
        has_audio=True,
        has_video=True,
        metadata={"rtcstack-recording": "rec_1"},
    )


class ThisProcess(Nursery):
    """Makes the file here, since a zygote takes seconds to warm on a busy machine; test_delivery.py has one."""

    def __init__(self) -> None:
        super().__init__("info", "json")

    async def finish(self, egress_id: str, parts: tuple[Path, ...], out: Path) -> Finished | FinishFailed:
        del egress_id
        return await asyncio.to_thread(finish, parts, out)


class Ahead:
    """One recording: its file, and the worker that sends it. `restart` is what a new worker finds."""

    def __init__(self, order: Order, folder: SpoolFolder, source: StoreSource) -> None:
        self.order, self.folder, self.source = order, folder, source
        self.part = GrowingPart(folder.path / "part-1.mp4")
        self.restart()

    @classmethod
    def make(cls, spool: Path, key: str, settings: Settings, store: Store | None = None) -> "Ahead":
        order = order_of(key)
        opened = Spool(spool)
        opened.close()
        source = _given(store) if store else Stores(settings).of(order)
        assert source is not None
        return cls(order, opened.create(order), source)

    def restart(self) -> None:
        self.journal = Journal(self.folder.journal)
        self.journal.read()
        self.session = UploadSession(self.order, self.journal, PART_BYTES)
        self.ahead = UploadAhead(self.folder, self.session, _LOOK_S)

    @property
    def sent(self) -> list[int]:
        """The numbers of the parts that are noted on the disk: facts are there a moment before."""
        noted = Journal(self.folder.journal)
        noted.read()
        return sorted(noted.facts.parts_sent)

    async def send_while(self, size_bytes: int, parts: int) -> None:
        """Record so much and return when the store has so many of its parts."""
        self.ahead.start(self.source)
        await asyncio.to_thread(self.part.grow, size_bytes)
        await until(lambda: len(self.sent) >= parts, f"{parts} parts in the store")
        await self.ahead.halt()

    async def deliver(self) -> Stored:
        delivery = Delivery(self.order, self.folder, self.source, self.journal, self.session)
        async with asyncio.timeout(PATIENCE_S):
            stored = await delivery.run(ThisProcess())
            await self.session.tidy(self.source)
        return stored


def _given(store: Store) -> StoreSource:
    async def source() -> Store:
        return store

    return source


async def until(is_so: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


def unfinished(bucket: Minio, name: str, key: str) -> list[str]:
    """Return the ids of uploads that were begun under the key and neither completed nor aborted."""
    listed = bucket._list_multipart_uploads(name, prefix=key)
    return [upload.upload_id or "" for upload in listed.uploads]


def throw_away(bucket: Minio, name: str, key: str) -> list[str]:
    """Have the store forget what is unfinished under the key, as some do after a while; return the ids."""
    forgotten = unfinished(bucket, name, key)
    for upload_id in forgotten:
        bucket._abort_multipart_upload(name, key, upload_id)
    return forgotten


def content(bucket: Minio, name: str, key: str) -> bytes:
    with bucket.get_object(name, key) as response:
        return response.read()


class Ranges:
    """An object that is read and sought in by requests of 64 KiB, as a browser does; `asked` counts the bytes."""

    _BLOCK_BYTES = 64 * 1024

    def __init__(self, bucket: Minio, name: str, key: str) -> None:
        self._bucket, self._name, self._key = bucket, name, key
        self._size_bytes = bucket.stat_object(name, key).size or 0
        self._at = 0
        self.asked = 0

    def read(self, size: int) -> bytes:
        length = min(size, self._BLOCK_BYTES, self._size_bytes - self._at)
        if length <= 0:
            return b""
        with self._bucket.get_object(self._name, self._key, offset=self._at, length=length) as response:
            data = response.read()
        self._at += len(data)
        self.asked += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size_bytes)[whence]
        return self._at

    def tell(self) -> int:
        return self._at
