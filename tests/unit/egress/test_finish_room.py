"""Finishing while the disk has too little room."""

import errno
import os
import resource
import shutil
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest

from rtcstack.egress.container.index import index_path
from rtcstack.egress.finish import NothingRecorded, finish, is_passing
from rtcstack.egress.finished import lacks_room
from tests.unit.egress.test_finish import record


def _without_room(part: Path) -> Path:
    """Make the part as large as the disk, which costs no room."""
    disk = os.statvfs(part.parent)
    part.touch()
    os.truncate(part, disk.f_blocks * disk.f_frsize)
    return part


def test_a_disk_that_cannot_take_the_parts_once_more_lacks_room(tmp_path: Path) -> None:
    out = tmp_path / "recording.mp4"
    part = tmp_path / "part-1.mp4"
    part.write_bytes(b"x")
    assert not lacks_room([part], out)
    assert lacks_room([_without_room(part)], out)


@pytest.mark.parametrize(("free_mib", "lacks"), [(20, False), (3, True), (40, True)])
def test_what_recordings_need_to_end_is_kept_back_unless_they_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mib: int, lacks: bool
) -> None:
    """A part of 10 MiB, 3 MiB of it where there is too little anyway."""
    part = tmp_path / "part-1.mp4"
    part.touch()
    os.truncate(part, (10 if free_mib > 3 else 3) << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_mib << 20))
    assert lacks_room([part], tmp_path / "recording.mp4") is lacks


@pytest.mark.parametrize("name", ["recording.mp4.draft", "recording.mp4"])
def test_what_a_try_left_counts_as_room(tmp_path: Path, name: str) -> None:
    part, left = _without_room(tmp_path / "part-1.mp4"), tmp_path / name
    left.touch()
    os.truncate(left, part.stat().st_size * 2)
    assert not lacks_room([part], tmp_path / "recording.mp4")


def test_another_name_of_a_part_takes_no_room_and_leaves_none(tmp_path: Path) -> None:
    out, part = tmp_path / "recording.mp4", _without_room(tmp_path / "part-1.mp4")
    out.hardlink_to(part)
    assert lacks_room([part], out)


def test_parts_are_not_joined_where_they_would_fill_the_disk(tmp_path: Path) -> None:
    out = tmp_path / "recording.mp4"
    parts = [record(tmp_path / f"part-{number}.mp4", 1.0) for number in (1, 2)]
    with parts[1].open("ab") as part:
        part.write(struct.pack(">I4s", 0, b"free"))  # the rest of the file is nothing, for readers
    _without_room(parts[1])
    with pytest.raises(OSError, match="no room") as caught:
        finish(parts, out)
    assert caught.value.errno == errno.ENOSPC
    assert not list(tmp_path.glob("recording*"))


def test_only_a_want_of_room_is_passing(tmp_path: Path) -> None:
    out, part = tmp_path / "recording.mp4", tmp_path / "part-1.mp4"
    part.write_bytes(b"x")
    assert is_passing(OSError(errno.ENOSPC, "full"), [part], out)
    assert not is_passing(ValueError("broken"), [part], out)
    _without_room(part)
    assert is_passing(ValueError("broken"), [part], out)
    assert not is_passing(NothingRecorded("empty"), [part], out)


def test_a_draft_that_cannot_be_written_makes_room_again(tmp_path: Path) -> None:
    """The room of a file that was joined before is the draft's."""
    parts = [record(tmp_path / f"part-{number}.mp4", 1.0) for number in (1, 2)]
    finish(parts, tmp_path / "recording.mp4")
    index_path(tmp_path / "recording.mp4").unlink()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (parts[0].stat().st_size // 2, hard))
    try:
        with pytest.raises(OSError) as caught:  # noqa: PT011 - its number is looked at
            finish(parts, tmp_path / "recording.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
    assert not list(tmp_path.glob("recording*"))
    assert finish(parts, tmp_path / "recording.mp4").duration_ms > 1900
