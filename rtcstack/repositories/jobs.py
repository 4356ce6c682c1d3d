"""Jobs. At most one of a kind is pending for a subject; only the holder of the last claim changes a row."""

from rtcstack.domain.job import Job, JobKind
from rtcstack.ports.database import Reader, Tx

_ADD = """INSERT INTO jobs (id, kind, recording_id, subject_id, due_at_ms, created_at_ms, updated_at_ms)
    VALUES (:id, :kind, :recording_id, :subject_id, :now_ms, :now_ms, :now_ms)
    ON CONFLICT (recording_id, kind, subject_id) WHERE state = 'pending' DO NOTHING"""
_CLAIM = """UPDATE jobs SET lease_until_ms = :lease_until_ms, fence = fence + 1, updated_at_ms = :now_ms
    WHERE id = (SELECT id FROM jobs WHERE state = 'pending' AND kind = :kind AND due_at_ms <= :now_ms
        AND (lease_until_ms IS NULL OR lease_until_ms < :now_ms) ORDER BY due_at_ms LIMIT 1)
    RETURNING id, kind, recording_id, subject_id, created_at_ms, attempts, fence"""
_RENEW = """UPDATE jobs SET lease_until_ms = :lease_until_ms
    WHERE id = :id AND fence = :fence AND state = 'pending'"""
_PUT_OFF = """UPDATE jobs SET due_at_ms = :due_at_ms, attempts = attempts + 1, lease_until_ms = NULL, error = :error,
    updated_at_ms = :now_ms WHERE id = :id AND fence = :fence AND state = 'pending'"""
_WAIT = """UPDATE jobs SET due_at_ms = :due_at_ms, lease_until_ms = NULL, error = :error, updated_at_ms = :now_ms
    WHERE id = :id AND fence = :fence AND state = 'pending'"""
_RELEASE = "UPDATE jobs SET lease_until_ms = NULL WHERE id = :id AND fence = :fence AND state = 'pending'"
_HURRY = """UPDATE jobs SET due_at_ms = :now_ms
    WHERE recording_id = :recording_id AND kind = :kind AND state = 'pending' AND due_at_ms > :now_ms"""
_FINISH = """UPDATE jobs SET state = :state, error = :error, lease_until_ms = NULL, updated_at_ms = :now_ms
    WHERE id = :id AND fence = :fence AND state = 'pending'"""
_IS_PENDING = "SELECT 1 FROM jobs WHERE recording_id = :recording_id AND kind = :kind AND state = 'pending'"
_LAST_ERROR = """SELECT error FROM jobs WHERE recording_id = :recording_id AND state = 'failed'
    ORDER BY updated_at_ms DESC LIMIT 1"""


async def add(
    tx: Tx, job_id: str, kind: JobKind, recording_id: str, now_ms: int, *, subject_id: str = ""
) -> bool:
    """Return whether it is new: False if one of that kind is pending for the recording and the subject."""
    added = await tx.execute(
        _ADD, id=job_id, kind=kind, recording_id=recording_id, subject_id=subject_id, now_ms=now_ms
    )
    return added > 0


async def claim(tx: Tx, kind: JobKind, now_ms: int, lease_until_ms: int) -> Job | None:
    """Take the next job of that kind that is due and that nobody holds."""
    row = await tx.find(_CLAIM, kind=kind, now_ms=now_ms, lease_until_ms=lease_until_ms)
    return Job(**{**dict(row), "kind": JobKind(row["kind"])}) if row else None


async def renew(tx: Tx, job: Job, lease_until_ms: int) -> bool:
    """Return whether the job is still this claim's, and now is until then."""
    return await tx.execute(_RENEW, id=job.id, fence=job.fence, lease_until_ms=lease_until_ms) > 0


async def put_off(tx: Tx, job: Job, due_at_ms: int, error: str, now_ms: int) -> None:
    await tx.execute(_PUT_OFF, id=job.id, fence=job.fence, due_at_ms=due_at_ms, error=error, now_ms=now_ms)


async def wait(tx: Tx, job: Job, due_at_ms: int, error: str, now_ms: int) -> None:
    """Put the job off without counting it as an attempt."""
    await tx.execute(_WAIT, id=job.id, fence=job.fence, due_at_ms=due_at_ms, error=error, now_ms=now_ms)


async def release(tx: Tx, job: Job) -> None:
    """Let go of the job as it is: it may be claimed at once."""
    await tx.execute(_RELEASE, id=job.id, fence=job.fence)


async def hurry(tx: Tx, recording_id: str, kind: JobKind, now_ms: int) -> None:
    """Make all the recording's jobs of that kind due: what they were put off for may have come."""
    await tx.execute(_HURRY, recording_id=recording_id, kind=kind, now_ms=now_ms)


async def finish(tx: Tx, job: Job, now_ms: int, *, error: str | None = None) -> bool:
    """End the job, as failed if there is an error; return whether it was still this claim's."""
    state = "done" if error is None else "failed"
    changed = await tx.execute(_FINISH, id=job.id, fence=job.fence, state=state, error=error, now_ms=now_ms)
    return changed > 0


async def is_pending(reader: Reader, recording_id: str, kind: JobKind) -> bool:
    return await reader.find(_IS_PENDING, recording_id=recording_id, kind=kind) is not None


async def find_last_error(reader: Reader, recording_id: str) -> str | None:
    """Return why the recording's last failed job failed."""
    row = await reader.find(_LAST_ERROR, recording_id=recording_id)
    return row["error"] if row else None
