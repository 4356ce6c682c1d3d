"""The process that joins the parts dies: what that means depends on the room on the disk."""

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
from tests.unit.egress.test_finish import record

_ORDER = Order(
    "EG_1", "RM_1", "room", "delivery/a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True
)


class _DyingNursery(Nursery):
    """Its finishing children die for as long as they are to."""

    deaths = 0
    is_deadly = True

    async def finish(self, egress_id: str, parts: tuple[Path, ...], out: Path) -> Finished | FinishFailed:
        if self.is_deadly:
            self.deaths += 1
            raise Internal("the process that joins a recording's parts died")
        return await super().finish(egress_id, parts, out)


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


async def _deliver(folder: SpoolFolder, settings: Settings, nursery: Nursery) -> Stored:
    source = Stores(settings).of(_ORDER)
    assert source is not None
    journal = Journal(folder.journal)
    return await Delivery(_ORDER, folder, source, journal, UploadSession(_ORDER, journal)).run(nursery)


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


async def test_children_that_die_although_there_is_room_end_the_egress(
    folder: SpoolFolder, nursery: _DyingNursery, settings: Settings
) -> None:
    with pytest.raises(Internal, match="died"):
        await _deliver(folder, settings, nursery)
    assert nursery.deaths == 3


async def test_what_lies_beside_is_brought_to_its_end_though_no_file_can_be_made(
    folder: SpoolFolder, nursery: _DyingNursery, settings: Settings, bucket: Minio
) -> None:
    segments = SegmentsOutput("delivery/", "live.m3u8", "live")
    order = msgspec.structs.replace(_ORDER, outputs=Outputs("mp4", segments))
    left = Segment(1, 0, 0, 1000, 188)
    folder.ledger.segment_file(1, 0).parent.mkdir()
    folder.ledger.segment_file(1, 0).write_bytes(bytes(188))
    folder.ledger.append(left)
    source, journal = Stores(settings).of(order), Journal(folder.journal)
    products = Products(order, folder, source, journal, UploadSession(order, journal))
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
    assert folder.parts(), "what no file can be made of is kept"
