"""Every object that the state names."""

from collections.abc import AsyncIterator

from rtcstack.domain.backup import ListedObject
from rtcstack.domain.recording import Recording, RecordingState, Transfer
from rtcstack.ports.database import Reader
from rtcstack.ports.storage import Location
from rtcstack.repositories import objects, previews
from rtcstack.services.storage.place import archived_at


async def listed(reader: Reader) -> AsyncIterator[ListedObject]:
    """Yield what belongs to each recording that is finished, its own object first."""
    after = ""
    while page := await objects.recordings_after(reader, after):
        for recording in page:
            async for found in _of(reader, recording):
                yield found
        after = page[-1].id


async def _of(reader: Reader, recording: Recording) -> AsyncIterator[ListedObject]:
    at = _place(recording)
    yield ListedObject(
        recording.storage_id, at.bucket, at.key, recording.size_bytes, recording.id, "recording"
    )
    if made := await previews.find(reader, recording.id):
        yield _picture(recording, made.poster_key, "poster")
        for sheet in made.sheets:
            yield _picture(recording, sheet.key, "storyboard")
    for store, at, size_bytes in await objects.clips(reader, recording.id):
        yield ListedObject(store, at.bucket, at.key, size_bytes, recording.id, "clip")


def _place(recording: Recording) -> Location:
    """Return where the object is; on its way to the archive or back it is where it is going to, or still there."""
    is_cold = recording.state is RecordingState.ARCHIVED and recording.transfer is Transfer.DONE
    return archived_at(recording) if is_cold else Location(recording.bucket, recording.object_key)


def _picture(recording: Recording, key: str, what: str) -> ListedObject:
    return ListedObject(recording.storage_id, recording.bucket, key, None, recording.id, what)
