"""Every repair of what did not agree is told of in the audit log, with the transaction that makes it."""

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.finding import Finding
from rtcstack.domain.job import JobKind
from rtcstack.ids import new_id
from rtcstack.metrics.counted import REPAIRS
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import jobs
from rtcstack.services.audit import record


async def note_repair(tx: Tx, finding: Finding, now_ms: int) -> None:
    """`finding.mended` says what is done about it."""
    REPAIRS.labels(finding.kind).inc()
    await record(
        tx,
        Action.RECONCILE_REPAIR,
        finding.tenant_id,
        finding.object_id,
        now_ms,
        finding=finding.kind,
        subject=finding.subject,
        found=finding.message,
        repair=finding.mended,
    )


async def have_verified(db: Database, clock: Clock, recording_id: str, finding: Finding) -> None:
    """Have the recording's object held against what was recorded, unless that is to be done already: it is mended from the
    spool if its file is there, and otherwise its customer is told.
    """
    now_ms = clock.now_ms()
    async with db.transaction() as tx:
        if await jobs.add(tx, new_id("job", now_ms), JobKind.VERIFY, recording_id, now_ms):
            await note_repair(tx, finding, now_ms)
