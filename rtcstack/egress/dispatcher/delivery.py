"""From the parts in the spool to an object that the store has confirmed."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from rtcstack import log
from rtcstack.domain.object_key import index_key
from rtcstack.egress.container.streams import in_a_word
from rtcstack.egress.dispatcher import uploader
from rtcstack.egress.dispatcher.journal import Journal, Made, Stored
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.finish import Finished, lacks_room
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import DiskFull, Internal, PartUnavailable

_logger = log.get(__name__)
_Made = TypeVar("_Made")
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_FINISH_TRIES: Final = 3
_FINISH_PAUSE_S: Final = 2.0


async def deliver(
    order: Order, folder: SpoolFolder, source: StoreSource, nursery: Nursery, journal: Journal
) -> Stored:
    """Make one file of the parts, upload it and its index; a full disk and passing trouble with the store are waited out.

    Raises:
        Internal: when no valid file can be made of the parts.
        PartRefused: when the store will not take it; the file is still in the spool.
    """
    finished = await _wait_out("finishing waits", order, partial(_finish, folder, nursery))
    sha256 = await uploader.hash_file(Path(finished.path))
    metadata = {
        **order.metadata,
        "rtcstack-egress": order.egress_id,
        "rtcstack-duration-ms": str(finished.duration_ms),
        **{f"rtcstack-{stream.kind}": in_a_word(stream) for stream in finished.streams},
        "rtcstack-sha256": sha256,
    }
    await journal.append(Made(metadata, finished.duration_ms))
    upload = partial(_upload_both, order, finished, source, metadata, sha256)
    store = await _wait_out("upload waits", order, upload)
    return Stored(
        size_bytes=finished.size_bytes,
        duration_ms=finished.duration_ms,
        sha256=sha256,
        location=store.location(order.object_key),
        started_ns=finished.spans[0].wall_ns if finished.spans else 0,
        ended_ns=_last_moment_ns(finished),
        recovered=finished.recovered,
    )


async def _wait_out(what: str, order: Order, step: Callable[[], Awaitable[_Made]]) -> _Made:
    """Repeat the step until its trouble has passed, however long that takes."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await step()
        except (DiskFull, PartUnavailable) as e:
            _logger.warning(what, egress_id=order.egress_id, error=e.message, again_in_s=pause_s)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _finish(folder: SpoolFolder, nursery: Nursery) -> Finished:
    """Join the parts in a child process: libav may crash on what a crash left behind.

    Raises:
        DiskFull: when there is no room for the file.
        PartUnavailable: when there is no zygote just now.
        Internal: when no valid file can be made of the parts, or the process dies every time.
    """
    for tries_left in reversed(range(_FINISH_TRIES)):
        try:
            answer = await nursery.finish(folder.egress_id, folder.parts(), folder.recording)
        except Internal as e:
            if lacks_room(folder.parts(), folder.recording):
                raise DiskFull(f"there is no room for the file: {e.message}") from e
            if not tries_left:
                raise
            await asyncio.sleep(_FINISH_PAUSE_S)
        else:
            break
    if isinstance(answer, Finished):
        return answer
    raise (DiskFull if answer.is_passing else Internal)(answer.error)


def _last_moment_ns(finished: Finished) -> int:
    """Return the wall time of the file's end, by the last of its spans; 0 when it has none."""
    if not finished.spans:
        return 0
    last = finished.spans[-1]
    return last.wall_ns + (finished.duration_ms - last.pts_ms) * 1_000_000


async def _upload_both(
    order: Order, finished: Finished, source: StoreSource, metadata: dict[str, str], sha256: str
) -> Store:
    """Upload the index first, so that whoever sees the recording finds it; return where both are now."""
    store = await source()
    index = Path(finished.index_path)
    await uploader.upload(
        store,
        index,
        index_key(order.object_key),
        content_type="application/gzip",
        metadata={"rtcstack-egress": order.egress_id},
        sha256=await uploader.hash_file(index),
    )
    await uploader.upload(
        store,
        Path(finished.path),
        order.object_key,
        content_type="video/mp4",
        metadata=metadata,
        sha256=sha256,
    )
    return store
