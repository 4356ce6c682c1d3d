"""Where a recording can be read from now: its object, wherever that lies, or the files that a recorder is writing."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rtcstack.clock import Clock
from rtcstack.domain.job import Job
from rtcstack.domain.object_key import index_key
from rtcstack.domain.recording import Recording, RecordingState, Transfer
from rtcstack.errors import Conflict, ObjectNotFound, RtcError
from rtcstack.ports.database import Reader
from rtcstack.ports.media import MediaSource
from rtcstack.ports.storage import Location, Storage, StoredObject
from rtcstack.repositories import recordings
from rtcstack.services.jobs import NotYet
from rtcstack.services.storage.place import archived_at
from rtcstack.services.storage.stores import Stores

_LINK_S = 6 * 3600
"""How long the links work that a recording is read by: longer than anything takes that reads it."""

_SOON_S, _LATER_S = 2.0, 60.0
THAWED_S = 24 * 3600.0
"""How often one in a storage class that cannot be read is looked for."""

STORED = frozenset({RecordingState.READY, RecordingState.ARCHIVED})
FROZEN = "recording_archived"
"""The code of what lies in a storage class that cannot be read."""

SpoolParts = Callable[[str], tuple[Path, ...]]
"""Return the files that a recorder on this machine writes for an egress id, in order; nothing if it has none here."""


@dataclass(frozen=True)
class Placed:
    store: Storage
    at: Location
    found: StoredObject


class RecordingSource:
    def __init__(self, stores: Stores, spool_parts: SpoolParts) -> None:
        self._stores, self._spool_parts = stores, spool_parts

    async def check_readable(self, recording: Recording) -> None:
        """Raises `Conflict` (`storage_read_forbidden`) if its bucket may not be read from."""
        await self._stores.check_readable(recording.storage_id)

    async def locate(self, recording: Recording) -> Placed:
        """Return where the object lies, also on its way to the archive or back.

        Raises:
            ObjectNotFound: it is in none of its places.
            Conflict: `storage_read_forbidden`, or `recording_archived` where it lies in a class that cannot be read.
            PartUnavailable, PartRefused: the store does not say.
        """
        await self.check_readable(recording)
        store = await self._stores.of(recording.storage_id)
        for at in _places(recording):
            try:
                found = await store.stat(at.key, at.bucket)
            except ObjectNotFound:
                continue
            if found.is_frozen:
                raise Conflict(
                    f"The recording lies in the storage class {found.storage_class}, which cannot be read. Restore it "
                    f"first: POST /api/v1/recordings/{recording.id}/restore brings it back in the background.",
                    code=FROZEN,
                )
            return Placed(store, at, found)
        raise ObjectNotFound(
            f"The recording's object {recording.object_key} is not in the bucket.", part="minio"
        )

    async def of_object(self, recording: Recording) -> MediaSource:
        """Return links to the object and to its index, if it has one. Raises what `locate` raises."""
        placed = await self.locate(recording)
        store, at = placed.store, placed.at
        url = store.source_url(at.key, _LINK_S, at.bucket)
        beside = index_key(recording.object_key)
        try:
            await store.stat(beside, recording.bucket)
        except ObjectNotFound:
            return MediaSource(url=url)
        return MediaSource(url=url, index_url=store.source_url(beside, _LINK_S, recording.bucket))

    def of_spool(self, recording: Recording) -> MediaSource | None:
        """Return what a recorder on this machine has written so far."""
        files = self._spool_parts(recording.egress_id) if recording.egress_id else ()
        return MediaSource(files=files) if files else None


async def find_stored(reader: Reader, recording_id: str) -> Recording | None:
    """Return the recording if it is ready or archived, and not deleted."""
    found = await recordings.find(reader, recording_id)
    if found is None or found.state not in STORED:
        return None
    return await recordings.find_visible(reader, found.tenant_id, found.id)


async def has_moved(reader: Reader, recording: Recording) -> bool:
    """Whether the object may lie elsewhere by now than where the row as it was read says, or is on its way."""
    now = await recordings.find(reader, recording.id)
    return now is None or now.transfer is Transfer.PENDING or _place(now) != _place(recording)


@asynccontextmanager
async def moves_waited_out(
    reader: Reader, clock: Clock, job: Job, recording: Recording
) -> AsyncIterator[None]:
    """What fails within while the object goes to the archive, back or to another bucket is tried again: raises `NotYet`.

    The longer that takes, the less often it is tried; what lies where it cannot be read, once a day.
    """
    try:
        yield
    except RtcError as e:
        if isinstance(e, NotYet) or not await has_moved(reader, recording):
            raise
        waited_s = (clock.now_ms() - job.created_at_ms) / 1000
        again_in_s = THAWED_S if e.word == FROZEN else min(max(waited_s / 10, _SOON_S), _LATER_S)
        raise NotYet(e.message, again_in_s=again_in_s) from e


def _place(recording: Recording) -> tuple[object, ...]:
    return (
        recording.state,
        recording.storage_id,
        recording.bucket,
        recording.cold_bucket,
        recording.transfer,
    )


def home_of(recording: Recording) -> Location:
    """Return where the object belongs now, wherever it was found."""
    if recording.state is RecordingState.ARCHIVED and recording.transfer is Transfer.DONE:
        return archived_at(recording)
    return Location(recording.bucket, recording.object_key)


def _places(recording: Recording) -> Iterator[Location]:
    """The index stays where it is when a recording is archived; the object is in the archive once it has moved."""
    yield Location(recording.bucket, recording.object_key)
    if recording.state is RecordingState.ARCHIVED and recording.cold_bucket:
        yield archived_at(recording)
