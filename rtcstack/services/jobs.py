"""Do durable work: claim a job, keep its lease while it runs, put it off or give it up when it fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar, Protocol

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.job import Job, JobKind
from rtcstack.errors import Internal, LeaseLost, RtcError
from rtcstack.metrics.counted import JOBS
from rtcstack.ports.database import Database
from rtcstack.repositories import jobs

_log = log.get(__name__)
_LEASE_MS = 20_000
_RENEW_S = 5.0
_RETRY_MS = (1_000, 2_000, 5_000, 15_000, 60_000, 300_000)


class NotYet(RtcError):
    """What the job needs is not there yet: it is looked at again in so many seconds, and that is no failure."""

    code: ClassVar[str] = "not_yet"
    retryable: ClassVar[bool] = True

    def __init__(self, message: str, *, again_in_s: float) -> None:
        super().__init__(message)
        self.again_in_s = again_in_s


class _Unexpected(Internal):
    """Work ran into what nobody foresaw; it may have been the moment."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = True


class Work(Protocol):
    """What is done for one kind of job. Every step may have been done already, by a process that died."""

    async def run(self, job: Job, lease: "Lease") -> None:
        """Do it and finish the job. A retryable `RtcError` puts it off, any other one gives it up."""
        ...

    async def give_up(self, job: Job, error: RtcError) -> None:
        """Finish the job as failed."""
        ...


class Lease:
    """Holds a job for this process; another takes it over 20 seconds after this one has stopped to renew it."""

    def __init__(self, db: Database, clock: Clock, job: Job) -> None:
        self._db, self._clock, self._job = db, clock, job

    async def check(self) -> None:
        """Renew it: for a while nobody else does this job. To be called before a step that cannot be undone.

        Raises:
            LeaseLost: another process has taken the job over.
        """
        async with self._db.transaction() as tx:
            if not await jobs.renew(tx, self._job, self._clock.now_ms() + _LEASE_MS):
                raise LeaseLost("Another process has taken this job over.", job=self._job.id)

    @asynccontextmanager
    async def kept(self, every_s: float = _RENEW_S) -> AsyncIterator[None]:
        """Renew it in the background, until another process has it. A database that fails once is asked again."""
        keeping = asyncio.create_task(self._keep(every_s))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.check()
            except LeaseLost:
                return
            except RtcError as e:
                _log.warning("a job's lease could not be renewed", job_id=self._job.id, error=e.message)


class JobLoop:
    """The jobs of one kind, one after the other. `max_attempts` bounds what is tried again; without it, nothing does."""

    def __init__(
        self, db: Database, clock: Clock, kind: JobKind, work: Work, *, max_attempts: int | None = None
    ) -> None:
        self._db, self._clock, self._kind, self._work = db, clock, kind, work
        self._max_attempts = max_attempts

    async def run_next(self) -> bool:
        """Do the next job that is due; return whether there was one."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            job = await jobs.claim(tx, self._kind, now_ms, now_ms + _LEASE_MS)
        if job is None:
            return False
        with log.about(recording_id=job.recording_id, job_id=job.id):
            await self._do(job)
        return True

    async def _do(self, job: Job) -> None:
        lease = Lease(self._db, self._clock, job)
        try:
            async with lease.kept():
                await self._work.run(job, lease)
            JOBS.labels(job.kind, "done").inc()
        except NotYet as e:
            JOBS.labels(job.kind, "waiting").inc()
            await self._wait(job, e)
        except RtcError as e:
            await self._failed(job, e)
        except Exception as e:  # noqa: BLE001  # a worker outlives whatever its work runs into
            _log.exception("a job ran into the unexpected", job_id=job.id, kind=job.kind)
            await self._failed(job, _Unexpected(f"Something went wrong here: {type(e).__name__}."))
        except (
            asyncio.CancelledError
        ):  # this process ends: the next one need not wait for the lease to run out
            await asyncio.shield(self._release(job))
            raise

    async def _wait(self, job: Job, error: NotYet) -> None:
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await jobs.wait(tx, job, now_ms + round(error.again_in_s * 1000), error.message, now_ms)

    async def _release(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            await jobs.release(tx, job)

    async def _failed(self, job: Job, error: RtcError) -> None:
        told = {"job_id": job.id, "kind": job.kind, "recording_id": job.recording_id, "error": error.message}
        is_last = self._max_attempts is not None and job.attempts + 1 >= self._max_attempts
        if is_last or not error.retryable:
            JOBS.labels(job.kind, "failed").inc()
            _log.error("a job failed", **told)
            await self._work.give_up(job, error)
            return
        JOBS.labels(job.kind, "put_off").inc()
        wait_ms = _RETRY_MS[min(job.attempts, len(_RETRY_MS) - 1)]
        _log.warning("a job is put off", wait_ms=wait_ms, **told)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await jobs.put_off(tx, job, now_ms + wait_ms, error.message, now_ms)
