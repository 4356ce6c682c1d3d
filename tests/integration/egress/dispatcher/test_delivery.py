"""The process that joins the parts dies: that says nothing of them, and is tried until it lives, or there is room."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from livekit.protocol.egress import EgressInfo
from minio import Minio

from rtcstack.egress.dispatcher import side_results
from rtcstack.egress.dispatcher.delivery import Delivery
from rtcstack.egress.dispatcher.journal import Journal, Stored
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.patience import OnWait
from rtcstack.egress.dispatcher.products import FileImpossible, Products
from rtcstack.egress.dispatcher.store import Stores
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.finished import Finished
from rtcstack.egress.job import Encoding
from rtcstack.egress.ledger import Segment
from rtcstack.egress.outputs import Outputs, SegmentsOutput
from rtcstack.egress.spool import Order, Spool, SpoolFolder
from rtcstack.egress.zygote import FinishFailed
from rtcstack.errors import Internal
from rtcstack.settings import Settings
from tests.support.children import end_child
from tests.unit.egress.test_finish import record

_ORDER = Order(
    "EG_1", "RM_1", "room", "delivery/a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True
)


class _DyingNursery(Nursery):
    """Its finishing children are killed for as long as they are to be."""

    deaths = 0
    is_deadly = True

    async def finish(self, egress_id: str, parts: tuple[Path, ...], out: Path) -> Finished | FinishFailed:
        if not self.is_deadly:
            return await super().finish(egress_id, parts, out)
        unwritten = out.with_name("unwritten")
        if not unwritten.exists():
            os.mkfifo(unwritten)  # whoever reads it waits
        joining = asyncio.create_task(super().finish(egress_id, (unwritten, *parts), out))
        assert self._process is not None
        await end_child(self._process.pid, b"zygote", joining)
        try:
            return await joining
        finally:
            self.deaths += 1


@pytest.fixture
async def nursery() -> AsyncIterator[_DyingNursery]:
    nursery = _DyingNursery("info", "json")
    nursery.start()
    yield nursery
    nursery.close()


@pytest.fixture
def folder(tmp_path: Path) -> SpoolFolder:
    spool = Spool(tmp_path / "spool")
    spool.close()
    folder = spool.create(_ORDER)
    record(folder.path / "part-1.mp4", 1.0)
    return folder


def _ballast(folder: SpoolFolder) -> Path:
    """Add a part as large as the disk, which takes no room itself."""
    part, disk = folder.path / "part-2.mp4", os.statvfs(folder.path)
    part.touch()
    os.truncate(part, disk.f_blocks * disk.f_frsize)
    return part


async def _deliver(
    folder: SpoolFolder, settings: Settings, nursery: Nursery, on_wait: OnWait | None = None
) -> Stored:
    """As a worker does that finds the folder."""
    source = Stores(settings).of(_ORDER)
    assert source is not None
    journal = Journal(folder.journal)
    journal.read()
    assert not journal.facts.is_closed
    return await Delivery(_ORDER, folder, source, journal, UploadSession(_ORDER, journal)).run(
        nursery, on_wait
    )


async def test_a_child_that_dies_while_there_is_no_room_is_tried_until_there_is(
    folder: SpoolFolder, nursery: _DyingNursery, settings: Settings, bucket: Minio
) -> None:
    ballast = _ballast(folder)
    delivering = asyncio.create_task(_deliver(folder, settings, nursery))
    async with asyncio.timeout(60):
        while nursery.deaths < 4 and not delivering.done():
            await asyncio.sleep(0.05)
    assert not delivering.done(), delivering.exception()
    ballast.unlink()
    nursery.is_deadly = False
    async with asyncio.timeout(60):
        stored = await delivering
    assert bucket.stat_object(settings.storage.bucket, _ORDER.object_key).size == stored.size_bytes


async def test_a_child_that_dies_although_there_is_room_is_tried_until_it_lives_also_by_the_next_worker(
    folder: SpoolFolder, nursery: _DyingNursery, settings: Settings, bucket: Minio
) -> None:
    record(folder.path / "part-2.mp4", 1.0)
    told = []

    async def note(words: str) -> None:
        told.append(words)

    killed = asyncio.create_task(_deliver(folder, settings, nursery, note))
    async with asyncio.timeout(60):
        while nursery.deaths < 4 and not killed.done():
            await asyncio.sleep(0.05)
    assert not killed.done(), killed.exception()
    killed.cancel()
    assert set(told) == {"the process that joins a recording's parts died"}
    nursery.is_deadly = False
    async with asyncio.timeout(60):
        stored = await _deliver(folder, settings, nursery)
    assert stored.duration_ms == pytest.approx(2000, abs=50)
    assert bucket.stat_object(settings.storage.bucket, _ORDER.object_key).size == stored.size_bytes


async def test_what_a_child_says_of_the_parts_is_final(
    folder: SpoolFolder, nursery: _DyingNursery, settings: Settings
) -> None:
    nursery.is_deadly = False
    record(folder.path / "part-2.mp4", 1.0, encoding=Encoding(width=640, height=360))
    with pytest.raises(Internal, match="other parameters"):
        await _deliver(folder, settings, nursery)


@pytest.mark.parametrize("left", [b"no MP4", b""], ids=["torn", "empty"])
async def test_what_lies_beside_is_brought_to_its_end_though_no_file_can_be_made(
    folder: SpoolFolder, nursery: _DyingNursery, settings: Settings, bucket: Minio, left: bytes
) -> None:
    segments = SegmentsOutput("delivery/", "live.m3u8", "live")
    order = msgspec.structs.replace(_ORDER, outputs=Outputs("mp4", segments))
    folder.ledger.segment_file(1, 0).parent.mkdir()
    folder.ledger.segment_file(1, 0).write_bytes(bytes(188))
    folder.ledger.append(Segment(1, 0, 0, 1000, 188))
    source, journal = Stores(settings).of(order), Journal(folder.journal)
    products = Products(order, folder, source, journal, UploadSession(order, journal))
    (folder.path / "part-1.mp4").write_bytes(left)
    nursery.is_deadly = False
    with pytest.raises(FileImpossible) as failed:
        await products.deliver(nursery)
    info = EgressInfo()
    side_results.announce(info, order)
    side_results.fill(info, order, failed.value.beside)
    (told,) = info.segment_results
    assert (told.segment_count, told.size, told.duration) == (1, 188, 1_000_000_000)
    assert told.playlist_location.endswith("/delivery/live.m3u8")
    with bucket.get_object(settings.storage.bucket, "delivery/live.m3u8") as answer:
        playlist = answer.read().decode()
    assert (playlist.count("#EXTINF"), "#EXT-X-ENDLIST" in playlist) == (1, True)
    assert not folder.ledger.has_files()
    assert folder.begun_parts(), "what no file can be made of is kept"
