"""The built-in Egress worker asks for the keys of a tenant's bucket when it uploads, and keeps them nowhere."""

import msgspec

from rtcstack.errors import Invalid, RecordingNotFound
from rtcstack.ports.database import Database
from rtcstack.ports.worker_calls import WorkerCalls
from rtcstack.repositories import recordings
from rtcstack.services.storage.stores import Stores


class KeyQuestion(msgspec.Struct, frozen=True):
    recording_id: str


class WorkerKeys:
    def __init__(self, db: Database, stores: Stores, calls: WorkerCalls) -> None:
        self._db, self._stores, self._calls = db, stores, calls

    async def answer(self, body: bytes, authorization: str) -> str:
        """Return the access to the recording's bucket as it is set now, sealed for the worker.

        Raises:
            Unauthenticated: no worker of ours asks.
            Invalid: the question is none.
            RecordingNotFound: there is no such recording, or it goes to the shared bucket.
            Internal, PartUnavailable: the secret cannot be opened.
        """
        self._calls.verify(body, authorization)
        try:
            question = msgspec.json.decode(body, type=KeyQuestion)
        except msgspec.DecodeError as e:
            raise Invalid(f"This is no question for keys: {e}") from e
        recording = await recordings.find(self._db, question.recording_id)
        if recording is None or recording.storage_id is None:
            raise RecordingNotFound(
                f"There is no recording {question.recording_id} with a bucket of its own."
            )
        access = await self._stores.access(await self._stores.bucket(recording.storage_id))
        return self._calls.seal(msgspec.json.encode(access).decode(), recording.id)
