"""What a spool says of an egress: it waits for its worker, or was given up by it."""

from pathlib import Path

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.egress.dispatcher.journal import Closed, Journal, Made, Reported
from rtcstack.egress.job import Encoding
from rtcstack.egress.kept import KeptInSpool
from rtcstack.egress.outputs import Outputs
from rtcstack.egress.spool import Order, Spool
from rtcstack.ports.kept_files import Held


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "EG_1"
    folder.mkdir()
    return folder


async def test_media_that_the_worker_has_not_given_up_is_awaited(folder: Path) -> None:
    kept = KeptInSpool(folder.parent)
    assert not kept.is_awaited("EG_1")
    (folder / "part-1.mp4").write_bytes(b"media")
    assert kept.is_awaited("EG_1")
    assert kept.find("EG_1") is None


async def test_what_was_given_up_is_found_and_no_longer_awaited(folder: Path) -> None:
    kept = KeptInSpool(folder.parent)
    (folder / "recording.mp4").write_bytes(b"media")
    journal = Journal(folder / "journal.jsonl")
    await journal.append(Made({"rtcstack-sha256": "ab"}, 1000))
    assert kept.is_awaited("EG_1")
    await journal.append(Closed())
    assert not kept.is_awaited("EG_1")
    found = kept.find("EG_1")
    assert found is not None
    assert found.duration_ms == 1000


def test_of_an_egress_that_is_not_here_nothing_is_awaited(tmp_path: Path) -> None:
    kept = KeptInSpool(tmp_path)
    assert not kept.is_awaited("EG_other")
    assert kept.find("EG_other") is None


async def test_an_end_that_the_worker_has_written_down_is_found_and_nothing_before_it(folder: Path) -> None:
    kept, journal = KeptInSpool(folder.parent), Journal(folder / "journal.jsonl")
    assert kept.find_end("EG_1") is None
    info = EgressInfo(egress_id="EG_1", room_name="r", status=EgressStatus.EGRESS_ACTIVE)
    await journal.append(Reported(1, info.SerializeToString()))
    assert kept.find_end("EG_1") is None
    info.status, info.error = EgressStatus.EGRESS_FAILED, "the store refused it"
    await journal.append(Reported(2, info.SerializeToString()))
    end = kept.find_end("EG_1")
    assert end is not None
    assert (end.is_ended, end.error) == (True, "the store refused it")


async def test_everything_in_the_spool_is_listed_with_its_size(folder: Path) -> None:
    kept = KeptInSpool(folder.parent)
    assert kept.list_all() == []
    (folder / "request.json").write_text("{}")
    (folder / "part-1.mp4").write_bytes(b"media")
    assert kept.list_all() == [Held("EG_1", 5, is_done=False)]
    await Journal(folder / "journal.jsonl").append(Closed())
    assert kept.list_all() == [Held("EG_1", 5, is_done=True)]
    assert KeptInSpool(folder / "nowhere").list_all() == []


async def test_sound_alone_that_was_given_up_is_found_as_well(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    sound = Outputs(file="ogg")
    order = Order("EG_1", "RM_1", "room", "a.ogg", 1, Encoding(), "grid", True, False, outputs=sound)
    folder = spool.create(order)
    (folder.path / "recording.ogg").write_bytes(b"sound")
    kept, journal = KeptInSpool(tmp_path), Journal(folder.journal)
    await journal.append(Made({"rtcstack-sha256": "ab"}, 1000))
    assert kept.is_awaited("EG_1")
    assert [held.size_bytes for held in kept.list_all()] == [5]
    await journal.append(Closed())
    found = kept.find("EG_1")
    spool.close()
    assert found is not None
    assert (found.file.name, found.size_bytes) == ("recording.ogg", 5)
