"""Where backups lie, a folder or a bucket: what both promise."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rtcstack.adapters.backup.bucket import BucketShelf
from rtcstack.adapters.backup.folder import FolderShelf
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.domain.backup import OBJECTS, STATE, BackupFacts
from rtcstack.errors import NotFound, RtcError
from rtcstack.ports.backup import Shelf
from rtcstack.services.backup.take import facts_of


@pytest.fixture(params=["folder", "bucket"])
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    if request.param == "folder":
        yield FolderShelf(tmp_path / "shelf")
        return
    request.getfixturevalue("minio_server")
    own = request.getfixturevalue("settings").storage
    keys = {"access_key": own.access_key.get_secret_value(), "secret_key": own.secret_key.get_secret_value()}
    storage = S3Storage(url=own.url, public_url=own.url, bucket=own.bucket, region=own.region, **keys)
    made = BucketShelf(storage, f"backups/{tmp_path.name}/")
    yield made
    await made.close()


def _backup(folder: Path, name: str) -> BackupFacts:
    folder.mkdir()
    (folder / STATE).write_bytes(name.encode() * 100)
    (folder / OBJECTS).write_bytes(b"")
    return BackupFacts(name, 1, "0", facts_of(folder), 2, 3, 4, ("appliance:1",))


async def test_what_was_put_is_found_again_oldest_first(shelf: Shelf, tmp_path: Path) -> None:
    assert await shelf.names() == []
    newer, older = (
        _backup(tmp_path / "n", "2026-11-21T10-00-01Z"),
        _backup(tmp_path / "o", "2026-11-21T10-00-00Z"),
    )
    await shelf.put(newer, tmp_path / "n")
    await shelf.put(older, tmp_path / "o")
    assert await shelf.names() == [older.name, newer.name]
    found = await shelf.facts(newer.name)
    assert (found.name, found.files, list(found.keks)) == (newer.name, newer.files, list(newer.keks))
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    await shelf.fetch(found, fetched)
    assert facts_of(fetched) == newer.files


async def test_what_was_not_finished_is_no_backup(shelf: Shelf, tmp_path: Path) -> None:
    facts = _backup(tmp_path / "b", "2026-11-21T10-00-00Z")
    (tmp_path / "b" / OBJECTS).unlink()
    with pytest.raises(RtcError):
        await shelf.put(facts, tmp_path / "b")
    assert await shelf.names() == []
    with pytest.raises(NotFound):
        await shelf.facts(facts.name)


async def test_what_was_removed_is_gone(shelf: Shelf, tmp_path: Path) -> None:
    facts = _backup(tmp_path / "b", "2026-11-21T10-00-00Z")
    await shelf.put(facts, tmp_path / "b")
    await shelf.remove(facts)
    assert await shelf.names() == []
    await shelf.put(facts, tmp_path / "b")  # nothing of it is in the way
    assert await shelf.names() == [facts.name]


async def test_what_was_interrupted_is_named(shelf: Shelf, tmp_path: Path) -> None:
    whole = _backup(tmp_path / "w", "2026-11-21T10-00-00Z")
    cut_off = _backup(tmp_path / "c", "2026-11-21T10-00-01Z")
    for facts, folder in ((whole, "w"), (cut_off, "c")):
        await shelf.put(facts, tmp_path / folder)
    assert await shelf.unfinished() == []
    if isinstance(shelf, FolderShelf):
        (tmp_path / "shelf" / f"{cut_off.name}.json").unlink()
    elif isinstance(shelf, BucketShelf):
        await shelf._storage.delete(shelf._at(f"{cut_off.name}.json"))
    assert (await shelf.names(), await shelf.unfinished()) == ([whole.name], [cut_off.name])
