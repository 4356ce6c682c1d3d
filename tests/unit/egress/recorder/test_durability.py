import threading
from pathlib import Path

from rtcstack.egress.recorder.durability import Durability


def test_too_little_room_is_noticed_while_the_file_can_still_be_closed(tmp_path: Path) -> None:
    file = tmp_path / "part-1.mp4"
    file.write_bytes(b"x")
    full = threading.Event()
    durability = Durability(file, full.set, reserve_bytes=1 << 62)
    durability.start()
    assert full.wait(10), "a disk with less than the reserve left must be reported"
    durability.stop()


def test_a_disk_with_room_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "part-1.mp4"
    file.write_bytes(b"x")
    full = threading.Event()
    durability = Durability(file, full.set, reserve_bytes=0)
    durability.start()
    assert not full.wait(1.5)
    durability.stop()
