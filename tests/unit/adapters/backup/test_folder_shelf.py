"""A folder of backups: what a killed process left there, and what another is just making."""

from pathlib import Path

import pytest

from rtcstack.adapters.backup.folder import FolderShelf
from rtcstack.domain.backup import STATE, BackupFacts, FileFacts
from rtcstack.errors import Conflict, Invalid
from rtcstack.held_folder import at_work

_LEFT = "2026-11-21T21-45-00Z"
_MADE = "2026-11-22T21-45-00Z"


def _facts(name: str = _MADE) -> BackupFacts:
    return BackupFacts(name, 1, "1.0", {STATE: FileFacts(3, "ab")}, 0, 0, 0)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / STATE).write_text("new")
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A shelf on which one backup was interrupted: its files are there, its facts are not."""
    left = tmp_path / "shelf" / _LEFT
    left.mkdir(parents=True)
    (left / STATE).write_text("half")
    (tmp_path / "shelf" / f".{_LEFT}.json").write_text("{")
    return tmp_path / "shelf"


def _there(shelf: Path) -> list[str]:
    return sorted(file.name for file in shelf.iterdir())


async def test_what_was_interrupted_is_named_and_goes_with_the_next_backup(shelf: Path, made: Path) -> None:
    backups = FolderShelf(shelf)
    assert (await backups.names(), await backups.unfinished()) == ([], [_LEFT])
    await backups.put(_facts(), made)
    assert (await backups.names(), await backups.unfinished()) == ([_MADE], [])
    assert _there(shelf) == [_MADE, f"{_MADE}.json"]


async def test_what_another_is_making_stays(shelf: Path, made: Path) -> None:
    with at_work(shelf / _LEFT):
        await FolderShelf(shelf).put(_facts(), made)
    assert (shelf / _LEFT / STATE).read_text() == "half"
    assert await FolderShelf(shelf).unfinished() == [_LEFT]


async def test_what_is_not_ours_stays(shelf: Path, made: Path) -> None:
    (shelf / _LEFT / "notes.txt").write_text("of a person")
    (shelf / "holiday").mkdir()
    await FolderShelf(shelf).put(_facts(), made)
    assert _there(shelf) == [f".{_LEFT}.json", _LEFT, _MADE, f"{_MADE}.json", "holiday"]
    assert await FolderShelf(shelf).unfinished() == [_LEFT]


async def test_of_two_backups_in_one_second_the_later_touches_nothing(shelf: Path, made: Path) -> None:
    with at_work(shelf / _LEFT), pytest.raises(Conflict, match="try again"):
        await FolderShelf(shelf).put(_facts(_LEFT), made)
    assert (shelf / _LEFT / STATE).read_text() == "half"


async def test_what_is_called_otherwise_is_no_backup(shelf: Path, made: Path) -> None:
    for name in ("0notes", "zz"):
        (shelf / name).mkdir()
        (shelf / f"{name}.json").write_text("{}")
    await FolderShelf(shelf).put(_facts(), made)
    assert await FolderShelf(shelf).names() == [_MADE]


async def test_facts_of_another_backup_lead_nowhere(shelf: Path, made: Path) -> None:
    await FolderShelf(shelf).put(_facts(), made)
    (shelf / _LEFT).mkdir(exist_ok=True)
    (shelf / f"{_LEFT}.json").write_text((shelf / f"{_MADE}.json").read_text())
    with pytest.raises(Invalid, match=f"{_LEFT}.json"):
        await FolderShelf(shelf).facts(_LEFT)
