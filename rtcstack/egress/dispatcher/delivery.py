"""From the parts in the spool to an object that the store has confirmed."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

from rtcstack import log
from rtcstack.domain.object_key import index_key
from rtcstack.egress.container.boxes import read_outline
from rtcstack.egress.dispatcher import uploader
from rtcstack.egress.dispatcher.journal import Journal, Made, Stored
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.dispatcher.patience import OnWait, wait_out
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.dispatcher.upload_ahead import sole_part
from rtcstack.egress.dispatcher.upload_parts import UploadGone
from rtcstack.egress.dispatcher.upload_session import CONTENT_TYPES, UploadSession
from rtcstack.egress.finished import Finished, JoinDied, lacks_room, object_metadata
from rtcstack.egress.spool import Order, SpoolFolder
from rtcstack.errors import DiskFull, Internal, PartRefused, PartUnavailable

_logger = log.get(__name__)
_MOST_DEATHS: Final = 20
"""Over eight minutes: memory that is short is not for so long, and a file that libav dies of it dies of each time."""


class Delivery:
    """Of one recording that nobody writes to any more."""

    def __init__(
        self, order: Order, folder: SpoolFolder, source: StoreSource, journal: Journal, session: UploadSession
    ) -> None:
        self._order, self._folder, self._source, self._journal = order, folder, source, journal
        self._session = session
        self._single: uploader.Upload | None = None
        """Of a file that is a single part."""
        self._lost = 0
        """How often the store had nothing of what it had taken."""
        self._deaths = 0
        """Of the processes that were to make the file."""

    async def run(self, nursery: Nursery, on_wait: OnWait | None = None) -> Stored:
        """Make one file of the parts, upload it and its index; a full disk and passing trouble with the store are waited out.

        Raises:
            Internal: when no valid file can be made of the parts.
            PartRefused: when the store will not take it; the file is still in the spool.
        """
        egress_id = self._order.egress_id
        meanwhile = asyncio.create_task(self._send_meanwhile())
        try:
            finishing = partial(self._finish, nursery, self._folder.file_of(self._order))
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
            ended_ns=made.ended_ns,
            recovered=made.recovered,
            spans=made.spans,
        )

    async def _finish(self, nursery: Nursery, out: Path) -> Finished:
        """Join the parts in a child process: libav may crash on what a crash left behind.

        One death says nothing of the parts, since the kernel kills whoever needs memory that is short.

        Raises:
            DiskFull: when there is no room for the file.
            PartUnavailable: when there is no zygote just now, or one that hangs; when the process died.
            Internal: when no valid file can be made of the parts, or the process died each time.
        """
        parts = self._folder.parts()
        try:
            answer = await nursery.finish(self._folder.egress_id, parts, out)
        except PartUnavailable as e:
            if lacks_room(parts, out):
                raise DiskFull(f"there is no room for the file: {e.message}") from e
            self._deaths += isinstance(e, JoinDied)
            if self._deaths >= _MOST_DEATHS:
                raise Internal(f"{e.message}, {self._deaths} times") from e
            raise
        if isinstance(answer, Finished):
            return answer
        raise (DiskFull if answer.is_passing else Internal)(answer.error)

    async def _send_meanwhile(self) -> None:
        """Send the rest of what was sent ahead while its index is made; whatever fails is tried again afterwards."""
        part = sole_part(self._folder)
        if part is None or not self._session.is_ahead:
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
        return Made(
            object_metadata(self._order, finished, await checksum(file)),
            finished.duration_ms,
            ended_ns=_last_moment_ns(finished),
            recovered=finished.recovered,
            spans=finished.spans,
        )

    def _is_ahead(self, finished: Finished) -> bool:
        """Whether this very file was begun with while it was recorded; one that was mended is another file."""
        part = sole_part(self._folder)
        return self._session.is_ahead and part is not None and part.samefile(finished.path)

    async def _upload(self, finished: Finished, made: Made) -> Store:
        """Return where the object and its index are now. After trouble that passes it goes on where it was."""
        store = await self._source()
        if self._is_ahead(finished) and self._session.is_at(store):
            try:
                await self._upload_rest(store, finished, made)
            except UploadGone as e:
                _logger.warning("uploaded whole", egress_id=self._order.egress_id, error=e.message)
                await self._session.end(store)
            else:
                return store
        await self._upload_index(store, finished, made)
        try:
            await self._upload_whole(store, finished, made.metadata)
        except UploadGone as e:
            self._lost += 1
            await self._session.end(store)
            kind = PartUnavailable if self._lost < uploader.MOST_LOST else PartRefused
            raise kind(e.message, part="minio") from e
        return store

    async def _upload_whole(self, store: Store, finished: Finished, metadata: dict[str, str]) -> None:
        """Raises `UploadGone` when the store lost or spoilt what was sent."""
        file = Path(finished.path)
        if finished.size_bytes > self._session.part_bytes:
            await self._session.begin_whole(store, file, metadata)
            await self._session.send_rest(store, file)
            await self._session.complete(store, file)
            return
        if self._single is None:
            self._single = uploader.Upload(
                file,
                self._order.object_key,
                content_type=CONTENT_TYPES[self._order.outputs.file],
                metadata=metadata,
                sha256=metadata["rtcstack-sha256"],
            )
        await self._single.to(store)

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


def _last_moment_ns(finished: Finished) -> int:
    """Return the wall time of the file's end, by the last of its spans; 0 when it has none."""
    if not finished.spans:
        return 0
    last = finished.spans[-1]
    return last.wall_ns + (finished.duration_ms - last.pts_ms) * 1_000_000
