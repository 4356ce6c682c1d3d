"""What a spool says of an egress: it waits for its worker, or was given up by it."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.egress.dispatcher.journal import Closed, Journal, Made, Reported
from rtcstack.egress.job import Encoding
from rtcstack.egress.kept import KeptInSpool
from rtcstack.egress.outputs import Outputs
from rtcstack.egress.spool import Order, Spool
from rtcstack.errors import PartUnavailable
from rtcstack.ports.kept_files import Held, NoFile
from tests.support.children import end_child
from tests.unit.egress.test_finish import pictures, record


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


async def test_parts_that_were_given_up_become_a_file_with_what_its_object_is_to_carry(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path)
    spool.close()
    order = Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", True, True, metadata={"a": "b"})
    folder = spool.create(order)
    for number, seconds in ((1, 2.0), (2, 1.0)):
        record(folder.path / f"part-{number}.mp4", seconds)
    kept, journal = KeptInSpool(tmp_path), Journal(folder.journal)
    assert not kept.has_parts("EG_1"), "its worker may be at it"
    await journal.append(Closed())
    assert kept.has_parts("EG_1")
    assert kept.find("EG_1") is None
    made = await kept.make("EG_1")
    assert made == kept.find("EG_1")
    assert 2900 < made.duration_ms < 3100
    assert pictures(made.file) == 90
    assert made.index.exists()
    assert made.metadata["rtcstack-sha256"] == hashlib.sha256(made.file.read_bytes()).hexdigest()
    assert (made.metadata["a"], made.metadata["rtcstack-egress"]) == ("b", "EG_1")
    assert {"rtcstack-video", "rtcstack-audio", "rtcstack-duration-ms"} < made.metadata.keys()


async def test_parts_of_which_no_file_can_be_made_stay_with_the_reason(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.close()
    folder = spool.create(Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", True, True))
    record(folder.path / "part-1.mp4", 1.0)
    record(folder.path / "part-2.mp4", 1.0, encoding=Encoding(width=640, height=360))
    await Journal(folder.journal).append(Closed())
    kept = KeptInSpool(tmp_path)
    with pytest.raises(NoFile, match="other parameters"):
        await kept.make("EG_1")
    assert kept.find("EG_1") is None
    assert kept.has_parts("EG_1")


async def test_a_process_that_is_killed_says_nothing_of_the_parts(folder: Path) -> None:
    os.mkfifo(folder / "request.json")  # whoever reads it waits
    making = asyncio.create_task(KeptInSpool(folder.parent).make("EG_1"))
    await end_child(os.getpid(), b"join-parts", making)
    with pytest.raises(PartUnavailable, match="died"):
        await making


async def test_only_what_was_given_up_is_removed_whether_a_file_is_found_or_not(folder: Path) -> None:
    kept = KeptInSpool(folder.parent)
    (folder / "part-1.mp4").write_bytes(b"media")
    kept.remove("EG_1")
    assert kept.is_awaited("EG_1")
    await Journal(folder / "journal.jsonl").append(Closed())
    assert kept.find("EG_1") is None
    kept.remove("EG_1")
    assert list(folder.parent.iterdir()) == []
    kept.remove("EG_1")


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
    (folder / "recording.mp4").hardlink_to(folder / "part-1.mp4")
    assert kept.list_all() == [Held("EG_1", 5, is_done=False)], "one file under two names"
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
