"""What passes through this machine on its way to another bucket is bounded by what was recorded, and by the disk."""

import shutil
from pathlib import Path

import pytest

from rtcstack.errors import DiskFull, PartRefused, PartUnavailable, StoreDenied
from rtcstack.ports.storage import Location
from rtcstack.services.storage.carry import Item, carry
from tests.fakes.storage import FakeStorage

_FROM, _TO = Location("here", "room/film.mp4"), Location("there", "room/film.mp4")


@pytest.fixture
def stores() -> tuple[FakeStorage, FakeStorage]:
    return FakeStorage("here"), FakeStorage("there")


async def _is_refused(item: Item, stores: tuple[FakeStorage, FakeStorage], through: Path) -> None:
    with pytest.raises(PartRefused, match="not what was recorded"):
        await carry(item, *stores, through)
    assert "download" not in stores[0].calls
    assert stores[1].objects == {}


async def test_an_object_of_another_size_is_not_fetched(
    stores: tuple[FakeStorage, FakeStorage], tmp_path: Path
) -> None:
    stores[0].put(_FROM.key, 10**15)
    await _is_refused(Item(_FROM, _TO, size_bytes=5), stores, tmp_path / "film.mp4")


async def test_nobody_has_an_index_of_gigabytes(
    stores: tuple[FakeStorage, FakeStorage], tmp_path: Path
) -> None:
    stores[0].put(_FROM.key, 10**15)
    await _is_refused(Item(_FROM, _TO, is_needed=False), stores, tmp_path / "index.gz")


async def test_what_would_fill_the_disk_is_not_fetched(
    stores: tuple[FakeStorage, FakeStorage], tmp_path: Path
) -> None:
    size_bytes = shutil.disk_usage(tmp_path).free
    stores[0].put(_FROM.key, size_bytes)
    with pytest.raises(DiskFull, match="512 MiB"):
        await carry(Item(_FROM, _TO, size_bytes=size_bytes), *stores, tmp_path / "film.mp4")
    assert "download" not in stores[0].calls


async def test_which_bucket_refuses_is_said(stores: tuple[FakeStorage, FakeStorage], tmp_path: Path) -> None:
    source, target = stores
    source.fill(_FROM.key, b"a film")
    source.may_read = False
    with pytest.raises(StoreDenied, match=r"^here: "):
        await carry(Item(_FROM, _TO), source, target, tmp_path / "film.mp4")
    source.may_read = True
    target.fail_at("upload", PartUnavailable("No answer.", part="minio"))
    with pytest.raises(PartUnavailable, match=r"^there: No answer"):
        await carry(Item(_FROM, _TO), source, target, tmp_path / "film.mp4")


async def test_what_is_as_it_was_recorded_is_copied(
    stores: tuple[FakeStorage, FakeStorage], tmp_path: Path
) -> None:
    stores[0].fill(_FROM.key, b"a film")
    for item in (Item(_FROM, _TO, size_bytes=6), Item(_FROM, _TO), Item(_FROM, _TO, is_needed=False)):
        stores[1].objects.clear()
        assert await carry(item, *stores, tmp_path / "film.mp4") == 6
        assert stores[1].contents[_TO.key] == b"a film"
