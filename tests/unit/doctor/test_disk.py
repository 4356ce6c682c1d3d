"""Disks without room or inodes, and file systems that nothing of ours should lie on."""

from pathlib import Path
from typing import Any

import pytest

from rtcstack.doctor.checks import disk
from rtcstack.doctor.checks.disk import Disk
from rtcstack.doctor.finding import Level
from tests.unit.doctor.conftest import MakeScene

_GIB = 1024**3


def _disk(**changes: Any) -> Disk:
    well = {"purpose": "spool", "folder": Path("/data"), "device": 1, "free_bytes": 100 * _GIB}
    return Disk(**{**well, "inodes": 1000_000, "free_inodes": 900_000, "kind": "ext4", **changes})


async def test_this_machine_is_seen_as_it_is(make_scene: MakeScene, tmp_path: Path) -> None:
    disks = await disk.look(make_scene({"RTCSTACK_CACHE": str(tmp_path / "cache")}))
    assert [one.purpose for one in disks] == ["data", "spool", "database", "objects", "cache"]
    assert len({one.device for one in disks}) == 1
    assert all(one.free_bytes and one.kind for one in disks)


@pytest.mark.parametrize(
    ("free_bytes", "level", "words"),
    [
        (400 * 1024**2, Level.ERROR, "at least 512 MiB are needed (RTCSTACK_EGRESS__MIN_FREE_BYTES)"),
        (1 * _GIB, Level.WARNING, "26 minutes of one recording"),
        (100 * _GIB, Level.OK, "hours of one recording"),
    ],
)
def test_room_for_recordings(make_scene: MakeScene, free_bytes: int, level: Level, words: str) -> None:
    [verdict] = disk.space(make_scene(), (_disk(free_bytes=free_bytes),))
    assert verdict.level is level
    assert words in verdict.seen


def test_folders_on_one_disk_are_told_once(make_scene: MakeScene) -> None:
    disks = (_disk(purpose="data"), _disk(), _disk(purpose="database", device=2, free_bytes=1))
    first, second = disk.space(make_scene(), disks)
    assert first.seen.startswith("data, spool: ")
    assert second.level is Level.ERROR
    assert "at least 64 MiB are needed" in second.seen


@pytest.mark.parametrize(
    ("free_inodes", "level"), [(20, Level.ERROR), (40_000, Level.WARNING), (60_000, Level.OK)]
)
def test_inodes(make_scene: MakeScene, free_inodes: int, level: Level) -> None:
    assert [v.level for v in disk.inodes(make_scene(), (_disk(free_inodes=free_inodes),))] == [level]


def test_a_file_system_without_a_fixed_number_of_inodes_is_well(make_scene: MakeScene) -> None:
    btrfs = _disk(inodes=0, free_inodes=0, kind="btrfs")
    assert [v.level for v in disk.inodes(make_scene(), (btrfs,))] == [Level.OK]


@pytest.mark.parametrize(
    ("purpose", "kind", "level"),
    [
        ("database", "nfs4", Level.ERROR),
        ("database", "fuse.sshfs", Level.ERROR),
        ("spool", "cifs", Level.WARNING),
        ("data", "tmpfs", Level.WARNING),
        ("data", "overlay", Level.WARNING),
        ("cache", "nfs", Level.OK),
        ("data", "xfs", Level.OK),
    ],
)
def test_kinds_of_file_systems(make_scene: MakeScene, purpose: str, kind: str, level: Level) -> None:
    verdicts = list(disk.filesystem(make_scene(), (_disk(purpose=purpose, kind=kind),)))
    assert [verdict.level for verdict in verdicts] == [level]
    assert kind in verdicts[0].seen


def test_a_disk_that_cannot_be_written_is_told(make_scene: MakeScene) -> None:
    [verdict] = disk.filesystem(make_scene(), (_disk(is_read_only=True),))
    assert verdict.level is Level.ERROR
    assert "mounted read-only" in verdict.seen
