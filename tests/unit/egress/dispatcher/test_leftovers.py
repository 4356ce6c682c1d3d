"""A spool with folders that nobody can go on with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher import journal
from rtcstack.egress.dispatcher.leftovers import Leftovers
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.store import Stores
from rtcstack.egress.dispatcher.tools import Tools
from rtcstack.egress.job import Encoding, OverlayJob
from rtcstack.egress.spool import Order, Spool, SpoolFolder
from rtcstack.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({}, data=tmp_path)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool")
    yield opened
    opened.close()


@pytest.fixture
def leftovers(settings: Settings, spool: Spool) -> Leftovers:
    tools = Tools(settings.livekit, IOInfoClient(Bus(settings.redis)), Nursery("info", "json"), OverlayJob())
    return Leftovers(spool, Stores(settings), tools)


async def _folder(spool: Spool, egress_id: str, *entries: journal.Entry) -> SpoolFolder:
    order = Order(egress_id, "RM_1", "room", "a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True)
    folder = spool.create(order)
    for entry in entries:
        await journal.Journal(folder.journal).append(entry)
    return folder


async def _found(leftovers: Leftovers) -> list[str]:
    return [egress.egress_id async for egress in leftovers.egresses(lambda _: False)]


async def test_one_that_cannot_be_read_stays_and_holds_up_no_other(
    spool: Spool, leftovers: Leftovers
) -> None:
    odd = await _folder(spool, "EG_1")
    (odd.path / "part-1 (copy).mp4").write_bytes(b"kept by somebody")
    torn = await _folder(spool, "EG_2")
    (torn.path / "request.json").write_bytes(b"{")
    await _folder(
        spool,
        "EG_3",
        journal.Reported(1, EgressInfo(egress_id="EG_3").SerializeToString()),
        journal.StopAsked("Failure", 1),
    )
    assert await _found(leftovers) == ["EG_3"]
    assert odd.path.is_dir()
    assert torn.path.is_dir()


def _ended(status: "EgressStatus.ValueType") -> tuple[journal.Entry, ...]:
    return journal.Reported(1, EgressInfo(status=status).SerializeToString()), journal.Closed()


async def test_one_that_keeps_a_file_is_read_once(spool: Spool, leftovers: Leftovers) -> None:
    folder = await _folder(spool, "EG_1", *_ended(EgressStatus.EGRESS_FAILED))
    (folder.path / "part-1.mp4").write_bytes(b"what the store refused")
    assert await _found(leftovers) == []
    folder.journal.unlink()
    (folder.path / "request.json").write_bytes(b"{")
    assert await _found(leftovers) == []
    assert (folder.path / "part-1.mp4").exists()


@pytest.mark.parametrize(
    ("status", "media"),
    [
        (EgressStatus.EGRESS_COMPLETE, b"what the store has"),
        (EgressStatus.EGRESS_LIMIT_REACHED, b"what the store has"),
        (EgressStatus.EGRESS_ABORTED, b""),
        (EgressStatus.EGRESS_FAILED, b""),
    ],
)
async def test_one_whose_worker_died_before_it_removed_it_is_removed(
    spool: Spool, leftovers: Leftovers, status: "EgressStatus.ValueType", media: bytes
) -> None:
    folder = await _folder(spool, "EG_1", *_ended(status))
    (folder.path / "part-1.mp4").write_bytes(media)
    assert await _found(leftovers) == []
    assert not folder.path.exists()


async def test_one_that_is_closed_and_of_which_nothing_more_is_known_stays(
    spool: Spool, leftovers: Leftovers
) -> None:
    folder = await _folder(spool, "EG_1", journal.Closed())
    (folder.path / "part-1.mp4").write_bytes(b"nobody knows")
    assert await _found(leftovers) == []
    assert (folder.path / "part-1.mp4").exists()
