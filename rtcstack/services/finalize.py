"""`processing` → `ready`: the store confirms the object, then the state and the customer's event change together."""

from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import ObjectNotFound, RtcError, StoreDenied
from rtcstack.ports.database import Database
from rtcstack.ports.storage import StoredObject
from rtcstack.repositories import processing
from rtcstack.services.events import Events
from rtcstack.services.media_facts import UNREADABLE, MediaFacts
from rtcstack.services.ready_jobs import ReadyJobs
from rtcstack.services.recording_log import about_recording
from rtcstack.services.storage.stores import Stores
from rtcstack.services.stored_facts import stat_recording

_log = log.get(__name__)
_LEASE_MS = 30_000
_RETRY_MS = (1_000, 2_000, 5_000, 15_000, 60_000)
_MISSING_TRIES = 5
"""A store that says "no such object" this often in a row, over half a minute, means it."""


class Finalize:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        stores: Stores,
        events: Events,
        ready_jobs: ReadyJobs,
        facts: MediaFacts,
    ) -> None:
        self._db, self._clock, self._stores, self._events = db, clock, stores, events
        self._ready_jobs, self._facts = ready_jobs, facts

    async def finalize_next(self) -> bool:
        """Confirm one recording's object; return whether one was due."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            recording = await processing.claim(tx, now_ms, now_ms + _LEASE_MS)
        return await self._settle(recording)

    async def finalize(self, recording_id: str) -> bool:
        """Confirm this recording's object now; return whether it was there to be confirmed and nobody was at it."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            recording = await processing.claim_one(tx, recording_id, now_ms, now_ms + _LEASE_MS)
        return await self._settle(recording)

    async def _settle(self, recording: Recording | None) -> bool:
        if recording is None:
            return False
        with about_recording(recording):
            await self._look_at(recording)
        return True

    async def _look_at(self, recording: Recording) -> None:
        try:
            await self._confirm(recording, await self._stored(recording))
        except ObjectNotFound as e:
            await self._missing(recording, e)
        except RtcError as e:
            if e.word == UNREADABLE:
                await self._fail(recording, e.word, f"The object is no recording. {e.message}")
            else:
                await self._put_off(recording, e)

    async def _stored(self, recording: Recording) -> StoredObject:
        """Ask the store. A tenant's key may not look at what it may put: then the recorder's word has to do, which
        came only after the store had taken the whole file.
        """
        storage = await self._stores.of(recording.storage_id)
        try:
            return await stat_recording(storage, recording.object_key, recording.bucket)
        except StoreDenied:
            if recording.storage_id is None or recording.size_bytes is None:
                raise
            return StoredObject(recording.object_key, recording.size_bytes, "", {})

    async def _confirm(self, recording: Recording, found: StoredObject) -> None:
        if recording.size_bytes is not None and recording.size_bytes != found.size_bytes:
            text = f"The object has {found.size_bytes} bytes, the recorder wrote {recording.size_bytes}."
            await self._fail(recording, "size_mismatch", text)
            return
        facts = await self._facts.of(recording, found)
        now_ms = self._clock.now_ms()
        done = replace(
            recording,
            state=RecordingState.READY,
            size_bytes=found.size_bytes,
            duration_ms=facts.duration_ms,
            streams=facts.streams,
            completed_at_ms=now_ms,
        )
        async with self._db.transaction() as tx:
            is_ready = await processing.ready(
                tx,
                recording,
                size_bytes=found.size_bytes,
                duration_ms=facts.duration_ms,
                checksum=found.metadata.get("rtcstack-sha256") or found.etag or None,
                streams=facts.streams,
                now_ms=now_ms,
            )
            if is_ready:
                await self._events.recording_ended(tx, done)
                await self._ready_jobs.queue(tx, recording.id)
        if not is_ready:
            _log.info("another has confirmed this recording, or ended it", recording_id=recording.id)
            return
        _log.info(
            "recording ready",
            recording_id=recording.id,
            size_bytes=found.size_bytes,
            duration_ms=facts.duration_ms,
        )

    async def _missing(self, recording: Recording, error: RtcError) -> None:
        """Count only what the store itself says: while it could not be asked, nothing was missing."""
        missing = recording.missing + 1
        if missing >= _MISSING_TRIES:
            await self._fail(
                recording, "object_missing", "The recorder reported its file, the store does not have it."
            )
        else:
            await self._put_off(recording, error, tries=recording.missing, missing=missing)

    async def _put_off(
        self, recording: Recording, error: RtcError, *, tries: int | None = None, missing: int = 0
    ) -> None:
        """Passing trouble with the store is retried for as long as it takes: the object is in its bucket."""
        tries = recording.attempts if tries is None else tries
        wait_ms = _RETRY_MS[min(tries, len(_RETRY_MS) - 1)]
        _log.warning(
            "the store did not confirm a recording yet", recording_id=recording.id, error=error.message
        )
        async with self._db.transaction() as tx:
            due_at_ms = self._clock.now_ms() + wait_ms
            await processing.put_off(tx, recording, due_at_ms, error.message, missing=missing)

    async def _fail(self, recording: Recording, code: str, text: str) -> None:
        """Unless another has it by now: whoever looked later knows better."""
        async with self._db.transaction() as tx:
            if not await processing.fail(tx, recording, code, text, self._clock.now_ms()):
                return
            await self._events.recording_ended(
                tx, replace(recording, state=RecordingState.FAILED, error=text)
            )
        _log.error("recording failed", recording_id=recording.id, error_code=code, error=text)
