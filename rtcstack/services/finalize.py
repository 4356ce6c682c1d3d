"""`processing` → `ready`: the store confirms the object, then the state and the customer's event change together."""

from collections.abc import Mapping
from dataclasses import replace

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import ObjectNotFound, RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.storage import Storage, StoredObject
from rtcstack.repositories import processing, recordings
from rtcstack.services.events import Events

_log = log.get(__name__)
_LEASE_MS = 30_000
_RETRY_MS = (1_000, 2_000, 5_000, 15_000, 60_000)
_MISSING_TRIES = 5
"""A store that says "no such object" this often, over half a minute, means it."""


class Finalize:
    def __init__(self, db: Database, clock: Clock, storage: Storage, events: Events) -> None:
        self._db, self._clock, self._storage, self._events = db, clock, storage, events

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
        try:
            await self._confirm(recording, await self._storage.stat(recording.object_key))
        except ObjectNotFound as e:
            await self._missing(recording, e)
        except RtcError as e:
            await self._put_off(recording, e)
        return True

    async def _confirm(self, recording: Recording, found: StoredObject) -> None:
        if recording.size_bytes is not None and recording.size_bytes != found.size_bytes:
            text = f"The object has {found.size_bytes} bytes, the recorder wrote {recording.size_bytes}."
            await self._fail(recording, "size_mismatch", text)
            return
        now_ms = self._clock.now_ms()
        duration_ms = int(found.metadata.get("rtcstack-duration-ms") or recording.duration_ms or 0)
        done = replace(
            recording,
            state=RecordingState.READY,
            size_bytes=found.size_bytes,
            duration_ms=duration_ms,
            completed_at_ms=now_ms,
        )
        async with self._db.transaction() as tx:
            is_ready = await processing.ready(
                tx,
                recording,
                size_bytes=found.size_bytes,
                duration_ms=duration_ms,
                checksum=found.metadata.get("rtcstack-sha256") or found.etag,
                streams=_streams(found.metadata),
                now_ms=now_ms,
            )
            if is_ready:
                await self._events.recording_ended(tx, done)
        _log.info(
            "recording ready", recording=recording.id, room=recording.room_id, size_bytes=found.size_bytes
        )

    async def _missing(self, recording: Recording, error: RtcError) -> None:
        if recording.attempts + 1 >= _MISSING_TRIES:
            await self._fail(
                recording, "object_missing", "The recorder reported its file, the store does not have it."
            )
        else:
            await self._put_off(recording, error)

    async def _put_off(self, recording: Recording, error: RtcError) -> None:
        """Passing trouble with the store is retried for as long as it takes: the object is in its bucket."""
        wait_ms = _RETRY_MS[min(recording.attempts, len(_RETRY_MS) - 1)]
        _log.warning("the store did not confirm a recording yet", recording=recording.id, error=error.message)
        async with self._db.transaction() as tx:
            await processing.put_off(tx, recording, self._clock.now_ms() + wait_ms, error.message)

    async def _fail(self, recording: Recording, code: str, text: str) -> None:
        _log.error("recording failed", recording=recording.id, error_code=code, error=text)
        async with self._db.transaction() as tx:
            if await recordings.fail(tx, recording, code, text, self._clock.now_ms()):
                await self._events.recording_ended(
                    tx, replace(recording, state=RecordingState.FAILED, error=text)
                )


def _streams(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Return `{"video": "h264,1280x720,30", "audio": "aac,48000,2"}` as far as the recorder told."""
    names = ("video", "audio")
    return {name: metadata[f"rtcstack-{name}"] for name in names if f"rtcstack-{name}" in metadata}
