"""What a worker tells of itself: its recorders, what lies in its spool, what it can take."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.egress.dispatcher.backlog import Backlog, backlog_of
from rtcstack.egress.dispatcher.figures import Figures
from rtcstack.egress.dispatcher.journal import Facts, PartSent, Stored, UploadBegun
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.job import Encoding, Progress
from rtcstack.egress.spool import Order, Spool, SpoolFolder
from rtcstack.metrics.scraped import FIGURES
from rtcstack.ports.fleet import WorkerCapacity

_MIB = 1 << 20
_CAPACITY = WorkerCapacity(1, 4, True, "", 2.0, 0.3, 0.2, 1 << 30, 1 << 34)


@dataclass
class _Egress:
    egress_id: str = "EG_1"
    is_recorded: bool = False
    load: RecorderLoad = field(default_factory=lambda: RecorderLoad(30))
    backlogs: tuple[Backlog, ...] = ()


def _progress(frames: int) -> Progress:
    return Progress(1000, frames, 0, 0, 100, 5 * _MIB, 2)


async def test_every_figure_is_one_that_the_page_knows(tmp_path: Path) -> None:
    told = await Figures(tmp_path).read([], _CAPACITY)
    assert {name for name in FIGURES if name.startswith("egress_")} - {"egress_workers"} == set(told.figures)
    assert told.worker.endswith(f":{tmp_path}")
    assert msgspec.json.decode(msgspec.json.encode(told.figures), type=dict[str, float | dict[str, float]])


async def test_what_recorders_have_done_stays_when_they_are_gone(tmp_path: Path) -> None:
    figures, one, other = Figures(tmp_path), _Egress(), _Egress("EG_2")
    one.load.note(_progress(10), 1.0)
    other.load.note(_progress(5), 1.0)
    told = (await figures.read([one, other], _CAPACITY)).figures
    assert (told["egress_recordings"], told["egress_frames"], told["egress_recorders_reduced"]) == (2, 15, 2)
    assert told["egress_recorder_memory_bytes"] == 10 * _MIB
    figures.note_end(one, EgressInfo(status=EgressStatus.EGRESS_COMPLETE))
    figures.note_end(_Egress("EG_3"), EgressInfo(status=EgressStatus.EGRESS_ACTIVE))  # left to the next start
    told = (await figures.read([other], _CAPACITY)).figures
    assert (told["egress_recordings"], told["egress_frames"]) == (1, 15)
    assert told["egress_ended"] == {"complete": 1}


async def test_the_wait_for_the_store_begins_anew_with_each_part_that_it_takes(tmp_path: Path) -> None:
    figures, egress = Figures(tmp_path), _Egress()

    async def waits() -> object:
        return (await figures.read([egress], _CAPACITY)).figures["egress_upload_wait_seconds"]

    beside = Backlog(0, 7, is_due=False)
    egress.backlogs = (Backlog(9 * _MIB, 1, is_due=True), beside)
    assert await waits() == 0
    first = await waits()
    second = await waits()
    assert isinstance(first, float)
    assert isinstance(second, float)
    assert 0 < first < second
    egress.backlogs = (Backlog(9 * _MIB, 1, is_due=True), Backlog(_MIB, 8, is_due=True))
    third = await waits()
    assert isinstance(third, float)
    assert third > second, "that segments go on hides no file that hangs"
    egress.backlogs = (Backlog(_MIB, 2, is_due=True), beside)
    assert await waits() == 0
    egress.backlogs = (Backlog(0, 2, is_due=False), beside)
    assert await waits() == 0


async def test_the_spool_is_measured_with_everything_in_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    folder = spool.create(_order())
    (folder.path / "part-1.mp4").write_bytes(b"x" * 1000)
    (folder.path / "recording.mp4").hardlink_to(folder.path / "part-1.mp4")
    (folder.path / "segments").mkdir()
    (folder.path / "segments" / "1.ts").write_bytes(b"x" * 500)
    told = (await Figures(spool.path).read([], _CAPACITY)).figures
    spool.close()
    assert told["egress_spool_bytes"] == 1500 + (folder.path / "request.json").stat().st_size
    assert isinstance(told["egress_spool_oldest_seconds"], float)
    assert told["egress_disk_size_bytes"] >= told["egress_disk_free_bytes"] > 0  # type: ignore[operator]  # numbers


def _order() -> Order:
    return Order("EG_1", "RM_1", "acme:room", "room/x.mp4", 1, Encoding(), "grid", True, True)


def _folder(path: Path, *sizes: int) -> SpoolFolder:
    for number, size in enumerate(sizes, start=1):
        with (path / f"part-{number}.mp4").open("wb") as file:
            file.truncate(size)
    return SpoolFolder(path)


def _sent(*numbers: int) -> Facts:
    facts = Facts()
    facts.apply(UploadBegun("id", "there", 8 * _MIB))
    for number in numbers:
        facts.apply(PartSent(number, "etag", "md5", "sha256"))
    return facts


def test_of_a_growing_file_full_parts_but_the_first_are_due(tmp_path: Path) -> None:
    folder = _folder(tmp_path, 25 * _MIB)
    assert backlog_of(folder, _sent(2), is_recorded=False) == Backlog(17 * _MIB, 1, is_due=True)
    assert backlog_of(folder, _sent(2, 3), is_recorded=False) == Backlog(9 * _MIB, 2, is_due=False)
    assert backlog_of(folder, Facts(), is_recorded=False) == Backlog(25 * _MIB, 0, is_due=False)


def test_of_a_closed_file_everything_is_due_until_it_is_stored(tmp_path: Path) -> None:
    folder = _folder(tmp_path, 25 * _MIB)
    assert backlog_of(folder, _sent(2, 3), is_recorded=True) == Backlog(9 * _MIB, 2, is_due=True)
    assert backlog_of(folder, Facts(), is_recorded=True) == Backlog(25 * _MIB, 0, is_due=False)
    assert backlog_of(folder, Facts(), is_recorded=True, waits=True) == Backlog(25 * _MIB, 0, is_due=True)
    stored = _sent(1, 2, 3, 4)
    stored.apply(Stored(25 * _MIB, 1, "", "", 0, 0, recovered=False))
    assert backlog_of(folder, stored, is_recorded=True) == Backlog(0, 0, is_due=False)


def test_of_a_file_that_was_joined_what_its_own_upload_lacks_is_due(tmp_path: Path) -> None:
    folder = _folder(tmp_path, 15 * _MIB, 10 * _MIB)
    assert backlog_of(folder, _sent(2), is_recorded=True) == Backlog(25 * _MIB, 0, is_due=False)
    joined = Facts()
    joined.apply(UploadBegun("id", "there", 8 * _MIB, "abc"))
    joined.apply(PartSent(1, "etag", "md5", "sha256"))
    assert backlog_of(folder, joined, is_recorded=True) == Backlog(17 * _MIB, 1, is_due=True)


def test_log_lines_name_what_an_order_is_about() -> None:
    order = msgspec.structs.replace(
        _order(),
        metadata={"rtcstack-recording": "rec_1", "rtcstack-tenant": "acme", "rtcstack-request": "r-1"},
    )
    assert order.about == {
        "egress_id": "EG_1",
        "room_id": "room",
        "tenant": "acme",
        "recording_id": "rec_1",
        "request_id": "r-1",
    }
