"""Recordings on their way from one bucket of their tenant to another."""

from collections.abc import Sequence

from rtcstack.domain.clip import Clip, ClipState
from rtcstack.domain.recording import Recording
from rtcstack.domain.relocation import Belongings
from rtcstack.ports.database import Reader, Tx
from rtcstack.repositories import clips, previews
from rtcstack.repositories.recordings import COLUMNS, recording_of

_ELSEWHERE = """ FROM recordings WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL
    AND state IN ('ready', 'archived') AND storage_id IS NOT :storage_id"""
_COUNT = "SELECT count(*) AS n, coalesce(sum(size_bytes), 0) AS bytes" + _ELSEWHERE
_NEXT = (
    f"SELECT {COLUMNS}"
    + _ELSEWHERE
    + " AND (started_at_ms, id) > (:after_ms, :after_id) ORDER BY started_at_ms, id LIMIT 1"
)
_UNFINISHED = """SELECT count(*) AS n FROM recordings WHERE tenant_id = :tenant_id AND deleted_at_ms IS NULL
    AND storage_id IS NOT :storage_id AND state NOT IN ('ready', 'archived', 'failed')"""
_IS_BUSY = "SELECT 1 FROM jobs WHERE recording_id = :recording_id AND state = 'pending'"
_IS_TAKEN = """SELECT 1 FROM recordings
    WHERE object_key = :object_key AND storage_id IS :storage_id AND id <> :id"""
_IS_KNOWN = "SELECT 1 FROM recordings WHERE object_key = :object_key AND storage_id IS :storage_id"
_SWITCH = """UPDATE recordings SET storage_id = :storage_id, bucket = :bucket, object_key = :object_key,
        cold_bucket = :cold_bucket
    WHERE id = :id AND state = :state AND storage_id IS :old_storage_id AND object_key = :old_object_key
        AND cold_bucket IS :old_cold_bucket AND deleted_at_ms IS NULL"""
_SWITCH_CLIP = """UPDATE clips SET storage_id = :storage_id, bucket = :bucket, object_key = :object_key
    WHERE id = :id AND deleted_at_ms IS NULL"""
_MOST_CLIPS = 1_000_000


async def count(reader: Reader, tenant_id: str, storage_id: str | None) -> tuple[int, int]:
    """Return how many recordings, and how many bytes of them, lie in other buckets than that."""
    row = await reader.find(_COUNT, tenant_id=tenant_id, storage_id=storage_id)
    return (int(row["n"]), int(row["bytes"])) if row else (0, 0)


async def count_unfinished(reader: Reader, tenant_id: str, storage_id: str | None) -> int:
    """Return how many are still being recorded or confirmed that go to other buckets than that."""
    row = await reader.find(_UNFINISHED, tenant_id=tenant_id, storage_id=storage_id)
    return int(row["n"]) if row else 0


async def find_next(
    reader: Reader, tenant_id: str, storage_id: str | None, after: Recording | None
) -> Recording | None:
    """Return the oldest recording after that one that lies in another bucket."""
    row = await reader.find(
        _NEXT,
        tenant_id=tenant_id,
        storage_id=storage_id,
        after_ms=after.started_at_ms if after else 0,
        after_id=after.id if after else "",
    )
    return recording_of(row) if row else None


async def is_busy(reader: Reader, recording_id: str) -> bool:
    """Whether something is to be done with it: it is moved to the archive, cut, checked."""
    return await reader.find(_IS_BUSY, recording_id=recording_id) is not None


async def is_taken(reader: Reader, recording: Recording) -> bool:
    """Whether another recording has that key in that bucket."""
    found = await reader.find(
        _IS_TAKEN, id=recording.id, object_key=recording.object_key, storage_id=recording.storage_id
    )
    return found is not None


async def is_known(reader: Reader, storage_id: str | None, object_key: str) -> bool:
    """Whether any recording has its object there."""
    return await reader.find(_IS_KNOWN, storage_id=storage_id, object_key=object_key) is not None


async def belongings(reader: Reader, recording: Recording) -> Belongings:
    found = await clips.list_of_recording(reader, recording.tenant_id, recording.id, _MOST_CLIPS)
    return Belongings(recording, _complete(found), await previews.find(reader, recording.id))


async def switch(tx: Tx, old: Belongings, new: Belongings) -> bool:
    """Return whether everything was still as `old` says, nobody was about to change it, and it is as `new` says now."""
    before, after = old.recording, new.recording
    if await is_busy(tx, before.id) or await belongings(tx, before) != old or await is_taken(tx, after):
        return False
    changed = await tx.execute(
        _SWITCH,
        id=before.id,
        state=before.state,
        old_storage_id=before.storage_id,
        old_object_key=before.object_key,
        old_cold_bucket=before.cold_bucket,
        storage_id=after.storage_id,
        bucket=after.bucket,
        object_key=after.object_key,
        cold_bucket=after.cold_bucket,
    )
    if not changed:
        return False
    for clip in new.clips:
        await tx.execute(
            _SWITCH_CLIP,
            id=clip.id,
            storage_id=clip.storage_id,
            bucket=clip.bucket,
            object_key=clip.object_key,
        )
    if new.previews:
        await previews.put(tx, new.previews)
    return True


def _complete(found: Sequence[Clip]) -> tuple[Clip, ...]:
    return tuple(clip for clip in found if clip.state is ClipState.COMPLETE)
