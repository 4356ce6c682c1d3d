"""Every repair of what did not agree is told of in the audit log, with the transaction that makes it."""

from rtcstack.domain.audit import Action
from rtcstack.domain.finding import Finding
from rtcstack.metrics.counted import REPAIRS
from rtcstack.ports.database import Tx
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
