"""A file that was joined or mended goes in parts as well: trouble with one of them costs that one, the worker's death none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from minio import Minio

from rtcstack.errors import PartRefused
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.ahead import (
    PART_BYTES,
    Ahead,
    content,
    throw_away,
    unfinished,
    until,
)
from tests.integration.egress.dispatcher.meddler import Meddler, meddling

_PARTS = 6


class _Scene:
    """A recording of six parts that was not closed in order, so that its file is another one, and whoever stands before the store."""

    def __init__(self, ahead: Ahead, meddler: Meddler, bucket: Minio, name: str) -> None:
        self.ahead, self.meddler, self._bucket, self._name = ahead, meddler, bucket, name

    def check_is_there(self) -> None:
        key = self.ahead.order.object_key
        assert unfinished(self._bucket, self._name, key) == []
        assert content(self._bucket, self._name, key) == self.ahead.folder.recording.read_bytes()

    def lose(self) -> None:
        """Let the store throw away what is unfinished."""
        throw_away(self._bucket, self._name, self.ahead.order.object_key)

    @property
    def begun(self) -> int:
        return self.ahead.folder.journal.read_bytes().count(b"upload_begun")


@pytest.fixture
async def scene(settings: Settings, bucket: Minio, tmp_path: Path) -> AsyncIterator[_Scene]:
    async with meddling(settings, bucket) as (meddler, store):
        ahead = Ahead.make(tmp_path / "spool", f"whole/{uuid4().hex}.mp4", settings, store)
        await asyncio.to_thread(ahead.part.grow, (_PARTS - 1) * PART_BYTES + PART_BYTES // 2)
        yield _Scene(ahead, meddler, bucket, settings.storage.bucket)


async def test_only_the_parts_that_failed_are_sent_again(scene: _Scene) -> None:
    scene.meddler.fails_parts = {2: 1, 5: 2}
    stored = await scene.ahead.deliver()
    assert stored.recovered
    assert scene.meddler.parts == {1: 1, 2: 2, 3: 1, 4: 1, 5: 3, 6: 1}
    assert scene.begun == 1
    scene.check_is_there()


async def test_the_next_worker_goes_on_where_the_one_before_was(scene: _Scene) -> None:
    scene.meddler.fails_parts = {4: 1000}
    delivering = asyncio.create_task(scene.ahead.deliver())
    await until(lambda: scene.ahead.sent == [1, 2, 3, 5, 6], "all but one")
    delivering.cancel()
    with suppress(asyncio.CancelledError):
        await delivering
    scene.ahead.restart()
    scene.meddler.parts.clear()
    scene.meddler.fails_parts = {}
    await scene.ahead.deliver()
    assert scene.meddler.parts == {4: 1}
    assert scene.begun == 1
    scene.check_is_there()


async def test_what_the_store_threw_away_meanwhile_is_sent_again(scene: _Scene) -> None:
    scene.meddler.fails_parts = {4: 3}
    delivering = asyncio.create_task(scene.ahead.deliver())
    await until(lambda: scene.meddler.parts[4] > 1, "a part that fails")
    scene.lose()
    await delivering
    assert scene.begun == 2
    scene.check_is_there()


async def test_a_store_that_throws_everything_away_is_given_up(scene: _Scene) -> None:
    scene.meddler.loses_uploads = True
    with pytest.raises(PartRefused, match="no such upload"):
        await scene.ahead.deliver()
    assert scene.begun == 3
    assert scene.ahead.folder.recording.exists()


async def test_a_part_of_an_upload_that_was_ended_counts_for_none_of_the_next(scene: _Scene) -> None:
    """One that was sent while the file grew may be under way for a minute yet when the recorder dies."""
    scene.meddler.holds_parts = {2}
    ahead = scene.ahead
    ahead.ahead.start(ahead.source)
    await until(lambda: scene.meddler.parts[2] == 1, "a part that is under way")
    await ahead.ahead.halt()
    delivering = asyncio.create_task(ahead.deliver())
    await until(lambda: scene.begun == 2, "an upload of the mended file")
    scene.meddler.holds_parts = set()
    scene.meddler.let_go.set()
    await delivering
    assert scene.begun == 2
    scene.check_is_there()


async def test_while_the_store_is_away_few_parts_are_tried_and_none_of_them_twice_at_once(
    scene: _Scene,
) -> None:
    scene.meddler.fails_parts = dict.fromkeys(range(1, _PARTS + 1), 2)
    await scene.ahead.deliver()
    assert max(scene.meddler.parts.values()) == 3
    assert scene.begun == 1
    scene.check_is_there()


async def test_a_store_that_throws_everything_away_gets_no_more_until_the_file_is_whole(
    scene: _Scene,
) -> None:
    scene.meddler.loses_parts = True
    ahead = scene.ahead
    ahead.ahead.start(ahead.source)
    await until(lambda: scene.meddler.parts[2] == 3, "three tries")
    await asyncio.sleep(0.5)  # of twenty looks
    assert scene.meddler.parts == {2: 3}
    await ahead.ahead.halt()
    scene.meddler.loses_parts = False
    scene.lose()  # as it said
    await ahead.deliver()
    scene.check_is_there()
