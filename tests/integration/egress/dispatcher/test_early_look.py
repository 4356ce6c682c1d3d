"""What a store says as a recording begins. One that refuses the keys until they are mended: `test_store_trouble.py`."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from minio import Minio
from pydantic import SecretStr

from rtcstack.egress.dispatcher import store
from rtcstack.egress.dispatcher.early_look import EarlyLook
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order
from rtcstack.errors import PartUnavailable
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import PATIENCE_S
from tests.support.own_bucket import PUT_ONLY, OwnBucket, make_own_bucket

_ORDER = Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True)


class _Told:
    """What a look says of the store, in order; nothing for its acceptance."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._changed = asyncio.Condition()

    async def add(self, words: str = "") -> None:
        async with self._changed:
            self.words.append(words)
            self._changed.notify_all()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(is_so)


@pytest.fixture
def own(settings: Settings, bucket: Minio) -> OwnBucket:
    del bucket  # only has to run
    return make_own_bucket(settings.storage, f"early-{uuid4().hex[:8]}", user=f"early-{uuid4().hex[:8]}")


def _source(settings: Settings, own: OwnBucket) -> StoreSource:
    keys = {
        "bucket": own.name,
        "access_key": SecretStr(own.access_key_id),
        "secret_key": SecretStr(own.secret_access_key),
    }
    target = store.configured(settings.storage.model_copy(update=keys))

    async def source() -> Store:
        return target

    return source


async def test_a_key_that_may_only_put_is_no_refusal(settings: Settings, own: OwnBucket) -> None:
    told = _Told()
    own.allow(*PUT_ONLY)
    look = EarlyLook(_source(settings, own), _ORDER, told.add, told.add)
    look.start()
    try:
        await told.until(lambda: bool(told.words))
    finally:
        look.close()
    assert told.words == [""]


async def test_a_store_that_does_not_answer_neither_refuses_nor_accepts(
    settings: Settings, own: OwnBucket
) -> None:
    told, answering, asked = _Told(), _source(settings, own), 0

    async def source() -> Store:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise PartUnavailable("it is away", part="minio")
        return await answering()

    look = EarlyLook(source, _ORDER, told.add, told.add)
    look.start()
    try:
        await told.until(lambda: bool(told.words))
    finally:
        look.close()
    assert (told.words, asked) == ([""], 2)
