"""Asks the store as a recording begins whether it would take its file: better known at once than after an hour."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from minio.error import S3Error

from rtcstack import log
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.dispatcher.uploader import in_threads
from rtcstack.errors import PartRefused, PartUnavailable

_logger = log.get(__name__)
_threads: Final = ThreadPoolExecutor(4, thread_name_prefix="early-look")
"""Threads of their own, started when needed: a store that hangs here holds up no upload."""
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


class EarlyLook:
    """`start` it when something is there that would be lost on a store that does not take it."""

    def __init__(
        self, source: StoreSource | None, key: str, on_refusal: Callable[[str], Awaitable[None]]
    ) -> None:
        """`key` is of an object that may be there or not; `on_refusal` gets the store's words."""
        self._source, self._key, self._on_refusal = source, key, on_refusal
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="early look")

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            if self._source is not None and (words := await refusal(self._source, self._key)):
                _logger.error("the store refuses the file", error=words)
                await self._on_refusal(words)
        except Exception:
            _logger.exception("the store could not be looked at early")  # the end of the recording shows it


async def refusal(source: StoreSource, key: str) -> str | None:
    """Return the words in which the store surely refuses the object; None when it may take it, or does not answer now."""
    try:
        store = await source()
        await in_threads(_threads, store, key, partial(_look, store, key))
    except PartRefused as e:
        return e.message
    except PartUnavailable:
        pass
    return None


def _look(store: Store, key: str) -> None:
    try:
        answer = store.client.get_object(store.bucket, key, length=1)
    except S3Error as e:
        if e.code in _CERTAIN and not (store.is_ours and e.code == "NoSuchBucket"):
            raise
    else:
        answer.close()
        answer.release_conn()
