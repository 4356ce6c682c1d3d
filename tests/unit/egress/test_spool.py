import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import RECORDER_LOCK, Order, Spool
from rtcstack.errors import Conflict


def _order(egress_id: str = "EG_1") -> Order:
    return Order(
        egress_id=egress_id,
        room_id="RM_1",
        room_name="room",
        object_key="room/a.mp4",
        created_ns=1,
        encoding=Encoding(width=640, height=360),
        layout="grid",
        has_audio=True,
        has_video=True,
        metadata={"rtcstack-recording": "rec_1"},
    )


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool")
    yield spool
    spool.close()


def test_an_order_survives_in_its_folder(spool: Spool) -> None:
    spool.create(_order())
    assert [folder.read_order() for folder in spool.folders()] == [_order()]


def test_an_egress_has_one_folder(spool: Spool) -> None:
    spool.create(_order())
    with pytest.raises(Conflict, match="EG_1"):
        spool.create(_order())


def test_a_spool_belongs_to_one_worker(spool: Spool) -> None:
    with pytest.raises(Conflict, match="another worker"):
        Spool(spool.path)
    spool.close()
    Spool(spool.path).close()


def test_what_is_no_egress_is_no_folder_of_ours(spool: Spool) -> None:
    (spool.path / "lost+found").mkdir()
    spool.create(_order())
    assert [folder.egress_id for folder in spool.folders()] == ["EG_1"]


def test_parts_come_in_order_and_without_empty_ones(spool: Spool) -> None:
    folder = spool.create(_order())
    for number, content in ((10, b"x"), (2, b"x"), (1, b"x"), (3, b"")):
        (folder.path / f"part-{number}.mp4").write_bytes(content)
    assert [part.name for part in folder.parts()] == ["part-1.mp4", "part-2.mp4", "part-10.mp4"]


def test_removing_the_media_leaves_what_is_still_to_be_reported(spool: Spool) -> None:
    folder = spool.create(_order())
    folder.journal.write_text("{}\n")
    for name in ("part-1.mp4", "recording.mp4", RECORDER_LOCK):
        (folder.path / name).write_bytes(b"x")
    folder.remove_media()
    assert sorted(file.name for file in folder.path.iterdir()) == ["journal.jsonl", "request.json"]


_DYING_REMOVER = """
import os, sys
from pathlib import Path
from rtcstack.egress.spool import SpoolFolder
unlinked = []
def die(event, arguments):
    if event == "os.remove":
        unlinked.append(arguments)
        if len(unlinked) == 2:
            os._exit(9)
sys.addaudithook(die)
SpoolFolder(Path(sys.argv[1])).remove()
"""


def test_one_that_was_not_removed_to_the_end_is_no_egress_and_the_next_start_removes_it(spool: Spool) -> None:
    folder, other = spool.create(_order()), spool.create(_order("EG_2"))
    for name in ("journal.jsonl", "part-1.mp4"):
        (folder.path / name).write_bytes(b"x")
    done = subprocess.run([sys.executable, "-c", _DYING_REMOVER, str(folder.path)], check=False)
    assert done.returncode == 9
    assert [found.egress_id for found in spool.folders()] == ["EG_2"]
    [left] = spool.path.glob("EG_1*")
    assert len(list(left.iterdir())) == 2
    spool.close()
    Spool(spool.path).close()
    assert not left.exists()
    assert other.path.is_dir()


def test_one_that_was_removed_by_somebody_else_is_missed(spool: Spool) -> None:
    folder = spool.create(_order())
    folder.remove()
    assert list(spool.path.glob("EG_*")) == []
    with pytest.raises(FileNotFoundError):
        folder.remove()


async def test_it_waits_until_the_recorder_is_gone(spool: Spool) -> None:
    folder = spool.create(_order())
    await folder.wait_for_recorder(10)  # there never was one
    lock = os.open(folder.path / RECORDER_LOCK, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    waiting = asyncio.create_task(folder.wait_for_recorder(10))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    os.close(lock)
    await waiting


_HANGING_RECORDER = """
import fcntl, os, sys, time
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
os.write(lock, str(os.getpid()).encode())
print("locked", flush=True)
time.sleep(60)
"""


async def test_a_recorder_that_hangs_is_killed(spool: Spool) -> None:
    folder = spool.create(_order())
    argv = [sys.executable, "-c", _HANGING_RECORDER, str(folder.path / RECORDER_LOCK)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as recorder:  # noqa: ASYNC220 - starts at once
        assert recorder.stdout is not None
        recorder.stdout.readline()
        await folder.wait_for_recorder(0.1)
        assert recorder.wait(10) == -9
