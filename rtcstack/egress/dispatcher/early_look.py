"""Asks the store as a recording begins whether it would take its file: better known at once than after an hour.

While it refuses, it is asked again and again: keys may be mended, and a bucket made, before the file is there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from minio.error import S3Error

from rtcstack import log
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.dispatcher.uploader import in_threads
from rtcstack.egress.spool import Order
from rtcstack.errors import PartRefused, PartUnavailable

_logger = log.get(__name__)
_ours: Final = ThreadPoolExecutor(4, thread_name_prefix="early-look")
_others: Final = ThreadPoolExecutor(4, thread_name_prefix="early-look-elsewhere")
"""Threads of their own, started when needed: a store that hangs here holds up no upload, nor somebody's the looks at ours."""
_CERTAIN: Final = {
    "AccountProblem",
    "AllAccessDisabled",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidToken",
    "NoSuchBucket",
    "SignatureDoesNotMatch",
}
"""Refusals of who asks, or of the bucket. A key that may only put is refused the look (AccessDenied), and that says nothing."""
_FIRST_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 60.0


class EarlyLook:
    """`start` it when something is there that would be lost on a store that does not take it."""

    def __init__(
        self,
        source: StoreSource | None,
        order: Order,
        on_refusal: Callable[[str], Awaitable[None]],
        on_acceptance: Callable[[], Awaitable[None]],
    ) -> None:
        """`on_refusal` gets the store's words each time that it refuses; `on_acceptance` is called once it would take the file."""
        self._source, self._key = source, order.object_key or order.egress_id
        self._on_refusal, self._on_acceptance = on_refusal, on_acceptance
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="early look")

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        if self._source is None:
            return
        try:
            await self._look_until_accepted(self._source)
        except Exception:
            _logger.exception("the store could not be looked at early")  # the end of the recording shows it

    async def _look_until_accepted(self, source: StoreSource) -> None:
        pause_s, told = _FIRST_PAUSE_S, ""
        while (words := await refusal(source, self._key, has_refused=bool(told))) != "":
            if words is not None:
                if words != told:
                    _logger.error("the store refuses the file", error=words)
                told = words
                await self._on_refusal(words)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        await self._on_acceptance()


async def refusal(source: StoreSource, key: str, *, has_refused: bool = False) -> str | None:
    """Return the words in which the store surely refuses the object, none when it may take it.

    None when that is not known now: it does not answer, or one that `has_refused` before denies only the look.
    """
    try:
        store = await source()
        is_allowed = await in_threads(
            _ours if store.is_ours else _others, store, key, partial(_look, store, key)
        )
    except PartRefused as e:
        return e.message
    except PartUnavailable:
        return None
    return "" if is_allowed or not has_refused else None


def _look(store: Store, key: str) -> bool:
    """Return whether the store lets the key look. Raises S3Error when it surely refuses the file."""
    try:
        answer = store.client.get_object(store.bucket, key, length=1)
    except S3Error as e:
        if e.code in _CERTAIN and not (store.is_ours and e.code == "NoSuchBucket"):
            raise
        return e.code != "AccessDenied"
    answer.close()
    answer.release_conn()
    return True
