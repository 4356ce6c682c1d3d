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


def test_what_fails_once_is_looked_at_again_and_the_end_comes_all_the_same(tmp_path: Path) -> None:
    full = threading.Event()
    looks: list[int] = []

    def written() -> list[Path]:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("the disk is busy")
        return [tmp_path / "gone.ts"]

    durability = Durability(tmp_path / "gone.mp4", full.set, reserve_bytes=1 << 62, written=written)
    durability.start()
    assert full.wait(60), "the second look must come although the first one failed"
    durability.stop()
