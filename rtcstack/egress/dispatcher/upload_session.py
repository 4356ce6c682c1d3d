"""One recording's upload in parts, as the journal knows it: what was begun, what the store has, what is left to send.

The object has the very bytes of the file. One that is sent while it is written stays as the recorder has written it, but for
eight bytes near its head that are set when it is closed: the first part is sent last. One that was joined or mended is begun
with when it is whole. Either goes on where it was after trouble with the store, and after the death of the worker.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from rtcstack import log
from rtcstack.domain.checksum import of_blocks
from rtcstack.egress.dispatcher import upload_parts
from rtcstack.egress.dispatcher.arrival import Sent
from rtcstack.egress.dispatcher.journal import Journal, PartSent, UploadAsked, UploadBegun, UploadEnded
from rtcstack.egress.dispatcher.patience import wait_out
from rtcstack.egress.dispatcher.store import Store, StoreSource
from rtcstack.egress.dispatcher.upload_parts import UploadGone
from rtcstack.egress.dispatcher.uploader import MOST_PARTS, PART_BYTES, hashing, in_threads
from rtcstack.egress.spool import Order
from rtcstack.errors import PartRefused

_logger = log.get(__name__)
_AT_ONCE: Final = 3
"""How many parts are sent side by side once the file is closed."""
CONTENT_TYPES: Final = {"mp4": "video/mp4", "ogg": "audio/ogg"}
FACTS_BESIDE: Final = {"rtcstack-facts": "index"}
"""Metadata of an object that was begun before there was more to say of it: the rest is that of its index."""


class UploadSession:
    """`begin` and `send` while the file grows, or `begin_whole`; `send_rest` and `complete` when it is closed, and `tidy` in the end."""

    def __init__(self, order: Order, journal: Journal, part_bytes: int = PART_BYTES) -> None:
        self._order, self._key, self._journal = order, order.object_key, journal
        self._part_bytes = part_bytes
        self._beginning: asyncio.Task[None] | None = None
        self._sending: dict[int, asyncio.Task[PartSent]] = {}
        self._digests: dict[int, str] = {}
        """SHA-256 of the parts as they are on this disk, of those that this process has read."""
        self._is_complete = False

    @property
    def part_bytes(self) -> int:
        upload = self._journal.facts.upload
        return upload.part_bytes if upload else self._part_bytes

    @property
    def is_ahead(self) -> bool:
        """Whether it was begun before the file was closed."""
        upload = self._journal.facts.upload
        return upload is not None and not upload.sha256

    async def forget(self) -> None:
        """The store has nothing of what was begun; another one may be begun."""
        self._leave()
        await self._journal.append(UploadEnded())

    def _leave(self) -> None:
        """Parts that are under way belong to what was begun before, and count for nothing when they arrive."""
        self._digests.clear()
        self._sending = {}

    async def end(self, store: Store) -> None:
        """Have the store throw away what was begun, if it was begun there; another one may be begun then."""
        upload = self._journal.facts.upload
        if upload is None or not self.is_at(store):
            return
        work = partial(upload_parts.abort, store, self._key, upload.upload_id)
        try:
            await in_threads(upload_parts.threads(store), store, self._key, work)
        except PartRefused as e:
            self._say_left(e.message)
        await self.forget()

    def is_at(self, store: Store) -> bool:
        """Whether it was begun in this store's bucket: a tenant may have chosen another one meanwhile."""
        upload = self._journal.facts.upload
        return upload is not None and upload.location == store.location(self._key)

    async def begin(self, store: Store) -> None:
        """Have the store begin an upload, unless one is begun. It goes on when this is cancelled.

        Raises:
            PartUnavailable, PartRefused: as `uploader.upload` does, here and below.
        """
        if self._journal.facts.upload is not None:
            return
        if self._beginning is None or self._beginning.done():
            metadata = {**self._order.metadata, "rtcstack-egress": self._order.egress_id, **FACTS_BESIDE}
            self._beginning = asyncio.create_task(self._begin(store, metadata, self._part_bytes))
        await asyncio.shield(self._beginning)

    async def begin_whole(self, store: Store, file: Path, metadata: Mapping[str, str]) -> None:
        """Have the store begin an upload of this very file, whose checksum is in the metadata, unless one is begun."""
        await self._until_begun()
        upload, sha256 = self._journal.facts.upload, metadata["rtcstack-sha256"]
        if upload is not None and upload.sha256 == sha256 and self.is_at(store):
            return
        if upload is not None and not self.is_at(store):
            self._say_left(f"it was begun elsewhere, at {upload.location}")
        await self.end(store)
        self._leave()
        part_bytes = max(self._part_bytes, -(-_size_bytes(file) // MOST_PARTS))
        await self._begin(store, dict(metadata), part_bytes, sha256)

    async def _until_begun(self) -> None:
        """Wait for the store's answer to `begin`: it has the id that the upload is ended by, and is not to come later than another."""
        if self._beginning is not None:
            await asyncio.gather(self._beginning, return_exceptions=True)

    async def _begin(self, store: Store, metadata: dict[str, str], part_bytes: int, sha256: str = "") -> None:
        await self._journal.append(UploadAsked())
        content_type = CONTENT_TYPES[self._order.outputs.file]
        work = partial(upload_parts.begin, store, self._key, content_type, metadata)
        upload_id = await in_threads(upload_parts.threads(store), store, self._key, work)
        await self._journal.append(UploadBegun(upload_id, store.location(self._key), part_bytes, sha256))

    def is_sent(self, number: int) -> bool:
        """Whether the store has this part as it is on this disk."""
        sent = self._journal.facts.parts_sent.get(number)
        return sent is not None and self._digests.get(number) == sent.sha256

    async def send(self, store: Store, file: Path, number: int) -> None:
        """Send a part; one that is under way already is waited for. It goes on when this is cancelled.

        Raises:
            UploadGone: the store does not know the upload any more.
        """
        sending = self._sending.get(number)
        if sending is None:
            upload = self._journal.facts.upload
            assert upload is not None
            sending = self._sending[number] = asyncio.create_task(self._send(store, file, number, upload))
            sending.add_done_callback(partial(self._sent, number))
        await asyncio.shield(sending)

    def _sent(self, number: int, sending: asyncio.Task[PartSent]) -> None:
        if self._sending.get(number) is sending:
            del self._sending[number]
        if not sending.cancelled():
            sending.exception()  # whoever waited has it; perhaps nobody did

    async def _send(self, store: Store, file: Path, number: int, upload: UploadBegun) -> PartSent:
        work = partial(_read_and_put, store, self._key, upload, file, number)
        sent = await in_threads(upload_parts.threads(store), store, self._key, work)
        if self._journal.facts.upload is upload:  # else it is a part of one that nobody wants any more
            self._digests[number] = sent.sha256
            await self._journal.append(sent)
        return sent

    async def send_rest(self, store: Store, file: Path) -> None:
        """Send whatever the store does not have yet of the closed file, as it is on this disk.

        Raises:
            UploadGone: the store does not know the upload any more, or the file is too large for it.
        """
        if len(self._numbers(file)) > MOST_PARTS:
            raise UploadGone(f"it would be more than {MOST_PARTS} parts", part="minio")
        earlier = self._journal.facts.parts_sent.keys() - self._digests.keys()
        await hashing(partial(self._read_digests, file, earlier))
        limit = asyncio.Semaphore(_AT_ONCE)

        async def send(number: int) -> None:
            async with limit:
                await self.send(store, file, number)

        sending = [
            asyncio.create_task(send(number)) for number in self._numbers(file) if not self.is_sent(number)
        ]
        try:
            await asyncio.gather(*sending)
        finally:
            # Once one has failed the others are not begun with; what is under way arrives.
            for task in sending:
                task.cancel()

    async def checksum(self, file: Path) -> str:
        """Return the checksum of the closed file by its parts; read are those that this process has not sent."""
        numbers = self._numbers(file)
        await hashing(partial(self._read_digests, file, set(numbers) - self._digests.keys()))
        return of_blocks((bytes.fromhex(self._digests[number]) for number in numbers), self.part_bytes)

    async def complete(self, store: Store, file: Path) -> None:
        """Make the object of the parts, all of which were sent; the store has confirmed it when this returns.

        Raises:
            UploadGone: the store does not know the upload, or made something else of it.
        """
        facts = self._journal.facts
        assert facts.upload is not None
        parts = [facts.parts_sent[number] for number in self._numbers(file)]
        md5s = tuple(bytes.fromhex(part.md5) for part in parts)
        sent = Sent(_size_bytes(file), self.part_bytes, md5s, is_multipart=True)
        work = partial(upload_parts.complete, store, self._key, facts.upload.upload_id, parts, sent)
        await in_threads(upload_parts.threads(store), store, self._key, work)
        self._is_complete = True

    async def tidy(self, source: StoreSource | None) -> None:
        """Leave nothing unfinished in the store, however long it is away; what it refuses to remove is logged."""
        await self._until_begun()
        asked = self._journal.facts.uploads_asked
        if not asked or (self._is_complete and asked == 1):
            return
        try:
            await wait_out("ending an upload waits", self._order.egress_id, partial(self._abort, source))
        except PartRefused as e:
            self._say_left(e.message)
        await self._journal.append(UploadEnded())

    def _say_left(self, error: str) -> None:
        _logger.warning("an unfinished upload may be left", egress_id=self._order.egress_id, error=error)

    async def _abort(self, source: StoreSource | None) -> None:
        if source is None:
            raise PartRefused("the store's keys are gone with the worker", part="minio")
        store, upload = await source(), self._journal.facts.upload
        if upload is not None and not self.is_at(store):
            raise PartRefused(f"it was begun elsewhere, at {upload.location}", part="minio")
        upload_id = upload.upload_id if upload and not self._is_complete else None
        work = partial(upload_parts.abort, store, self._key, upload_id)
        await in_threads(upload_parts.threads(store), store, self._key, work)

    def _numbers(self, file: Path) -> range:
        return range(1, -(-_size_bytes(file) // self.part_bytes) + 1)

    def _read_digests(self, file: Path, numbers: set[int]) -> None:
        for number in sorted(numbers):
            data = _read(file, number, self.part_bytes)
            self._digests[number] = hashlib.sha256(data).hexdigest()


def _size_bytes(file: Path) -> int:
    return file.stat().st_size


def _read(file: Path, number: int, part_bytes: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek((number - 1) * part_bytes)
        return opened.read(part_bytes)


def _read_and_put(store: Store, key: str, upload: UploadBegun, file: Path, number: int) -> PartSent:
    return upload_parts.put(store, key, upload.upload_id, number, _read(file, number, upload.part_bytes))
