"""Hold a ready recording's object against what its recorder wrote: size, duration, streams, and every byte.

A mismatch of the bytes is mended from the spool while a recorder's file is still there; any other is told. What another
recorder than ours wrote, LiveKit's own Egress for one, has no digest to compare: its size, container, streams and length are
looked at.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.checksum import hasher_like
from rtcstack.domain.job import Job
from rtcstack.domain.recording import Recording, RecordingState, Transfer
from rtcstack.domain.verification import checksum_of, object_faults, recording_faults
from rtcstack.errors import Conflict, ObjectNotFound, PartRefused, RtcError
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.media import Media
from rtcstack.repositories import jobs, parts, pauses, recordings, verification
from rtcstack.services.denials import denials_waited_out
from rtcstack.services.events import Events
from rtcstack.services.jobs import Lease, NotYet
from rtcstack.services.recording_source import (
    FROZEN,
    THAWED_S,
    RecordingSource,
    find_stored,
    has_moved,
    home_of,
    moves_waited_out,
)
from rtcstack.services.storage.stores import Stores

_log = log.get(__name__)
_LATER_S = 60.0
_CHUNK_BYTES = 1024 * 1024

SpoolFile = Callable[[str], Path | None]
"""Return the finished file that a recorder on this machine has of an egress id, if it still has it."""


class VerifyWork:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: Media,
        stores: Stores,
        source: RecordingSource,
        events: Events,
        spool_file: SpoolFile,
    ) -> None:
        self._db, self._clock, self._media, self._stores = db, clock, media, stores
        self._source, self._events, self._spool_file = source, events, spool_file

    async def run(self, job: Job, lease: Lease) -> None:
        """Of one whose bucket may not be read from nothing is said."""
        recording = await find_stored(self._db, job.recording_id)
        if recording is None:
            await self._finish(job)
            return
        if recording.state is RecordingState.ARCHIVED and recording.transfer is Transfer.PENDING:
            raise NotYet("The recording is being moved.", again_in_s=_LATER_S)
        try:
            async with moves_waited_out(self._db, self._clock, job, recording):
                with denials_waited_out(job, self._clock):
                    faults = await self._check(recording, lease)
        except Conflict as e:
            if e.word == FROZEN:
                raise NotYet(e.message, again_in_s=THAWED_S) from e
            _log.info("a recording cannot be verified", recording_id=recording.id, reason=e.message)
            await self._finish(job)
        else:
            await self._say(job, recording, faults)

    async def give_up(self, job: Job, error: RtcError) -> None:
        """The recording says that nobody has looked at its object."""
        recording = await recordings.find(self._db, job.recording_id)
        async with self._db.transaction() as tx:
            if await jobs.finish(tx, job, self._clock.now_ms(), error=error.message) and recording:
                await self._report(tx, recording, f"It could not be verified: {error.message}")

    async def _finish(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            await jobs.finish(tx, job, self._clock.now_ms())

    async def _check(self, recording: Recording, lease: Lease) -> list[str]:
        """Return what does not agree, after mending what can be mended.

        Raises:
            NotYet: it was looked for where it is no more.
        """
        faults = await self._object_faults(recording)
        if faults and await self._repair(recording, lease):
            faults = await self._object_faults(recording)
        faults = faults or await self._recording_faults(recording)
        await self._check_in_place(recording, faults)
        return faults

    async def _check_in_place(self, recording: Recording, faults: list[str]) -> None:
        if faults and await has_moved(self._db, recording):
            raise NotYet("The recording was moved meanwhile.", again_in_s=_LATER_S)

    async def _object_faults(self, recording: Recording) -> list[str]:
        try:
            placed = await self._source.locate(recording)
            size_bytes = placed.found.size_bytes
            known = checksum_of(recording) if size_bytes == recording.size_bytes else None
            checksum = await placed.store.sha256(placed.at, size_bytes, like=known) if known else None
        except ObjectNotFound as e:
            faults = [e.message]
        else:
            faults = list(object_faults(recording, size_bytes, checksum))
        await self._check_in_place(recording, faults)
        return faults

    async def _recording_faults(self, recording: Recording) -> list[str]:
        """Read the container's own index, not the one beside it."""
        source = replace(await self._source.of_object(recording), index_url=None)
        try:
            probed = await self._media.probe(source)
        except PartRefused as e:
            if e.word != "unreadable_media":
                raise
            return [e.message]
        faults = recording_faults(
            recording,
            await verification.find_span_ms(self._db, recording.id),
            duration_ms=probed.duration_ms,
            streams=probed.streams,
            pauses=await pauses.list_of(self._db, recording.id),
        )
        return list(faults)

    async def _repair(self, recording: Recording, lease: Lease) -> bool:
        """Write the object again from a recorder's file; return whether there is one, whole."""
        file = await self._find_file(recording)
        if file is None:
            return False
        store, at = await self._stores.of(recording.storage_id), home_of(recording)
        await lease.check()
        await store.upload(
            file, at.key, content_type="video/mp4", metadata=_metadata(recording), bucket=at.bucket
        )
        _log.warning("a recording was mended from the spool", recording_id=recording.id)
        return True

    async def _find_file(self, recording: Recording) -> Path | None:
        """The last egress that worked for it has the file; the recording's own id is that of the first."""
        known = checksum_of(recording)
        for egress_id in await parts.egress_ids(self._db, recording.id):
            file = self._spool_file(egress_id)
            if file is not None and await asyncio.to_thread(_checksum, file, known) == known:
                return file
        return None

    async def _say(self, job: Job, recording: Recording, faults: list[str]) -> None:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            if not await jobs.finish(tx, job, now_ms):
                return
            if faults:
                await self._report(tx, recording, "; ".join(faults))
            else:
                await verification.note(tx, recording.id, now_ms, None)

    async def _report(self, tx: Tx, recording: Recording, text: str) -> None:
        """Say it in the recording, the log and, if it is news, to the customer."""
        _log.error(
            "a recording is not known to be what was recorded",
            recording_id=recording.id,
            tenant=recording.tenant_id,
            egress_id=recording.egress_id,
            object_key=recording.object_key,
            error=text,
        )
        before = await recordings.find(tx, recording.id)
        await verification.note(tx, recording.id, None, text)
        if before is not None and before.verify_error != text:
            await self._events.recording_unverified(tx, before, text)


def _checksum(file: Path, like: str | None) -> str:
    """Return nothing if the file has gone meanwhile."""
    hasher = hasher_like(like)
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                hasher.update(chunk)
    except FileNotFoundError:
        return ""
    return hasher.word()


def _metadata(recording: Recording) -> dict[str, str]:
    """Return what the recorder put beside the bytes."""
    return {
        "rtcstack-recording": recording.id,
        "rtcstack-tenant": recording.tenant_id,
        "rtcstack-egress": recording.egress_id or "",
        "rtcstack-sha256": recording.checksum or "",
        "rtcstack-duration-ms": str(recording.duration_ms or 0),
        **{f"rtcstack-{kind}": text for kind, text in recording.streams.items()},
    }
