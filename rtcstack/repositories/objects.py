"""What a backup lists: finished recordings in pages, their clips, and the keys that secrets are sealed under."""

from collections.abc import Sequence

from rtcstack.domain.clip import ClipState
from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Reader
from rtcstack.ports.storage import Location
from rtcstack.repositories.recordings import COLUMNS, recording_of

_PAGE = 500
_FINISHED = """ FROM recordings WHERE state IN ('ready', 'archived') AND purged_at_ms IS NULL AND id > :after
    ORDER BY id LIMIT :limit"""
_RECORDINGS = f"SELECT {COLUMNS}" + _FINISHED
_CLIPS = """SELECT storage_id, bucket, object_key, size_bytes FROM clips
    WHERE recording_id = :recording_id AND state = :state AND deleted_at_ms IS NULL ORDER BY id"""
_KEKS = "SELECT DISTINCT kek_id FROM data_keys ORDER BY kek_id"


async def recordings_after(reader: Reader, recording_id: str) -> Sequence[Recording]:
    """Return the next finished recordings whose data is kept, by id; those that are deleted but not purged too."""
    return [recording_of(row) for row in await reader.all(_RECORDINGS, after=recording_id, limit=_PAGE)]


async def clips(reader: Reader, recording_id: str) -> Sequence[tuple[str | None, Location, int | None]]:
    """Return store, place and size of each of its clips."""
    rows = await reader.all(_CLIPS, recording_id=recording_id, state=ClipState.COMPLETE)
    return [
        (row["storage_id"], Location(row["bucket"], row["object_key"]), row["size_bytes"]) for row in rows
    ]


async def keks(reader: Reader) -> Sequence[str]:
    """Return the ids of the keys that data keys are wrapped with."""
    return [row["kek_id"] for row in await reader.all(_KEKS)]
