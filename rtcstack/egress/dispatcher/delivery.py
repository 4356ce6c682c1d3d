"""From the parts in the spool to an object that the store has confirmed."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

from rtcstack import log
from rtcstack.domain.object_key import index_key
from rtcstack.egress.container.boxes import read_outline
from rtcstack.egress.container.stream_info import in_a_word
from rtcstack.egress.dispatcher import uploader
from rtcstack.egress.dispatcher.journal import Journal, Made, Stored, UploadAsked, UploadEnded
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.patience import OnWait, wait_out
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.dispatcher.upload_ahead import sole_part
from rtcstack.egress.dispatcher.upload_parts import UploadGone
from rtcstack.egress.dispatcher.upload_session import UploadSession
from rtcstack.egress.finished import Finished, lacks_room
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import DiskFull, Internal, PartRefused, PartUnavailable

_logger = log.get(__name__)
_CONTENT_TYPES: Final = {"mp4": "video/mp4", "ogg": "audio/ogg"}
_FINISH_TRIES: Final = 3
_FINISH_PAUSE_S: Final = 2.0


class Delivery:
    """Of one recording that nobody writes to any more."""

    def __init__(
        self, order: Order, folder: SpoolFolder, source: StoreSource, journal: Journal, session: UploadSession
    ) -> None:
        self._order, self._folder, self._source, self._journal = order, folder, source, journal
        self._session = session
        self._whole: uploader.Upload | None = None
        self._is_alone = False
        """Whether nothing was begun in the store before the file was sent whole."""

    async def run(self, nursery: Nursery, on_wait: OnWait | None = None) -> Stored:
        """Make one file of the parts, upload it and its index; a full disk and passing trouble with the store are waited out.

        Raises:
            Internal: when no valid file can be made of the parts.
            PartRefused: when the store will not take it; the file is still in the spool.
        """
        egress_id = self._order.egress_id
        meanwhile = asyncio.create_task(self._send_meanwhile())
        try:
            finishing = partial(_finish, self._folder, nursery, self._folder.file_of(self._order))
            finished = await wait_out("finishing waits", egress_id, finishing, on_wait)
        except BaseException:
            meanwhile.cancel()
            raise
        await meanwhile
        made = await self._made(finished)
        await self._journal.append(made)
        store = await wait_out("upload waits", egress_id, partial(self._upload, finished, made), on_wait)
        return Stored(
            size_bytes=finished.size_bytes,
            duration_ms=finished.duration_ms,
            sha256=made.metadata["rtcstack-sha256"],
            location=store.location(self._order.object_key),
            started_ns=finished.spans[0].wall_ns if finished.spans else 0,
            ended_ns=_last_moment_ns(finished),
            recovered=finished.recovered,
            spans=finished.spans,
        )

    async def _send_meanwhile(self) -> None:
        """Send the rest of what was sent ahead while its index is made; whatever fails is tried again afterwards."""
        part = sole_part(self._folder)
        if part is None or not self._session.is_begun:
            return
        try:
            if (await asyncio.to_thread(read_outline, part)).is_intact:
                store = await self._source()
                if self._session.is_at(store):
                    await self._session.send_rest(store, part)
        except (PartUnavailable, PartRefused, UploadGone, OSError) as e:
            _logger.warning("the rest waits", egress_id=self._order.egress_id, error=str(e))

    async def _made(self, finished: Finished) -> Made:
        file = Path(finished.path)
        checksum = self._session.checksum if self._is_ahead(finished) else uploader.hash_file
        metadata = {
            **self._order.metadata,
            "rtcstack-egress": self._order.egress_id,
            "rtcstack-duration-ms": str(finished.duration_ms),
            **{f"rtcstack-{stream.kind}": in_a_word(stream) for stream in finished.streams},
            "rtcstack-sha256": await checksum(file),
        }
        return Made(metadata, finished.duration_ms)

    def _is_ahead(self, finished: Finished) -> bool:
        """Whether this very file was begun with while it was recorded; one that was mended is another file."""
        part = sole_part(self._folder)
        return self._session.is_begun and part is not None and part.samefile(finished.path)

    async def _upload(self, finished: Finished, made: Made) -> Store:
        """Return where the object and its index are now."""
        store = await self._source()
        if self._is_ahead(finished) and self._session.is_at(store):
            try:
                await self._upload_rest(store, finished, made)
            except UploadGone as e:
                self._session.give_up()
                _logger.warning("uploaded whole", egress_id=self._order.egress_id, error=e.message)
            else:
                return store
        await self._upload_index(store, finished, made)
        if self._whole is None:
            self._is_alone = not self._journal.facts.uploads_asked
            await self._journal.append(UploadAsked())  # what a death leaves of it unfinished is tidied up
            self._whole = uploader.Upload(
                Path(finished.path),
                self._order.object_key,
                content_type=_CONTENT_TYPES[self._order.outputs.file],
                metadata=made.metadata,
                sha256=made.metadata["rtcstack-sha256"],
            )
        await self._whole.to(store)
        if self._is_alone:  # nothing is left of it, and nothing else was begun
            await self._journal.append(UploadEnded())
        return store

    async def _upload_rest(self, store: Store, finished: Finished, made: Made) -> None:
        """Raises `UploadGone` when the store lost or spoilt what was sent ahead."""
        file = Path(finished.path)
        await self._session.send_rest(store, file)
        await self._upload_index(store, finished, made)
        await self._session.complete(store, file)

    async def _upload_index(self, store: Store, finished: Finished, made: Made) -> None:
        """Before the recording, so that whoever sees that finds the index: it says what was not known when the upload began."""
        if not finished.index_path:
            return
        index, facts = Path(finished.index_path), dict(made.metadata)
        facts["rtcstack-recording-sha256"] = facts.pop("rtcstack-sha256")
        await uploader.upload(
            store,
            index,
            index_key(self._order.object_key),
            content_type="application/gzip",
            metadata=facts,
            sha256=await uploader.hash_small_file(index),
        )


async def _finish(folder: SpoolFolder, nursery: Nursery, out: Path) -> Finished:
    """Join the parts in a child process: libav may crash on what a crash left behind.

    Raises:
        DiskFull: when there is no room for the file.
        PartUnavailable: when there is no zygote just now, or one that hangs.
        Internal: when no valid file can be made of the parts, or the process dies every time.
    """
    for tries_left in reversed(range(_FINISH_TRIES)):
        try:
            answer = await nursery.finish(folder.egress_id, folder.parts(), out)
        except Internal as e:
            if lacks_room(folder.parts(), out):
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
