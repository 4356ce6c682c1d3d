"""Take up a failed recording again whose file has come to the bucket after all."""

from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict, ObjectNotFound
from rtcstack.ports.database import Database
from rtcstack.ports.storage import Storage
from rtcstack.repositories import library
from rtcstack.services.recording_query import RecordingQuery


class RecordingRetry:
    """A file that is still in a worker's spool is uploaded by that worker, not from here."""

    def __init__(self, db: Database, clock: Clock, storage: Storage, query: RecordingQuery) -> None:
        self._db, self._clock, self._storage, self._query = db, clock, storage, query

    async def retry(self, tenant_id: str, recording_id: str) -> Recording:
        """Return the recording, which is processing again: it will be ready, or failed with a reason.

        Raises:
            RecordingNotFound: the tenant has none of that id.
            Conflict: it has not failed, or the bucket does not have its file.
            PartUnavailable: the store does not answer; nothing was changed.
        """
        recording = await self._query.get(tenant_id, recording_id)
        if recording.state is not RecordingState.FAILED:
            raise _not_failed(recording)
        try:
            await self._storage.stat(recording.object_key, recording.bucket)
        except ObjectNotFound as e:
            raise Conflict(
                "The file of this recording is not in the bucket. If a recorder still has it, it uploads it by itself.",
                code="file_missing",
            ) from e
        async with self._db.transaction() as tx:
            if not await library.retry(tx, recording.id, self._clock.now_ms()):
                raise _not_failed(recording)
        return await self._query.get(tenant_id, recording_id)


def _not_failed(recording: Recording) -> Conflict:
    return Conflict("Recording is not in failed status", code="recording_not_failed", status=recording.state)
