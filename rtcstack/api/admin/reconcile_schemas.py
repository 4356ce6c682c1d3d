import msgspec

from rtcstack.api.admin.schemas import AuditEntryBody
from rtcstack.domain.finding import CheckState, FindingKind, OpenFinding
from rtcstack.domain.instant import iso_ms
from rtcstack.services.reconcile.kept import VERIFYING
from rtcstack.services.reconcile.reconciler import Report


class CheckBody(msgspec.Struct, frozen=True):
    """How the last look of a check went: `seen` is what it looked at, `error` why it could not look."""

    name: str
    began_at: str | None
    ended_at: str | None
    is_running: bool
    seen: int
    error: str | None

    @classmethod
    def from_domain(cls, state: CheckState) -> "CheckBody":
        return cls(
            state.name,
            iso_ms(state.began_at_ms) if state.began_at_ms else None,
            iso_ms(state.ended_at_ms) if state.ended_at_ms else None,
            state.is_running,
            state.seen,
            state.error,
        )


class FindingBody(msgspec.Struct, frozen=True):
    """What does not agree as of the last look. `mended` says what was done about it, or asked for; null leaves it to people."""

    kind: FindingKind
    subject: str
    message: str
    tenant: str | None
    object_id: str | None
    mended: str | None
    check: str
    found_at: str
    seen_at: str

    @classmethod
    def from_domain(cls, found: OpenFinding) -> "FindingBody":
        finding = found.finding
        return cls(
            kind=finding.kind,
            subject=finding.subject,
            message=finding.message,
            tenant=finding.tenant_id,
            object_id=finding.object_id,
            mended=finding.mended,
            check=found.check,
            found_at=iso_ms(found.found_at_ms),
            seen_at=iso_ms(found.seen_at_ms),
        )


class ReconcileBody(msgspec.Struct, frozen=True):
    """`agrees` if every check could look and nothing is open. `repairs` are those of the last day, at most 100."""

    agrees: bool
    open_count: int
    checks: list[CheckBody]
    findings: list[FindingBody]
    repairs: list[AuditEntryBody]

    @classmethod
    def from_domain(cls, report: Report) -> "ReconcileBody":
        return cls(
            agrees=report.agrees,
            open_count=report.open_count,
            checks=[CheckBody.from_domain(check) for check in report.checks],
            findings=[FindingBody.from_domain(found) for found in report.findings],
            repairs=[AuditEntryBody.from_domain(entry) for entry in report.repairs],
        )


EXAMPLES = (
    ReconcileBody(
        agrees=False,
        open_count=1,
        checks=[
            CheckBody("bucket", "2025-04-05T10:30:59.912Z", "2025-04-05T10:31:00.020Z", False, 412, None)
        ],
        findings=[
            FindingBody(
                kind=FindingKind.OBJECT_MISSING,
                subject="room-abc/2025-04-04T09-00-00.mp4",
                message="It is ready, and its object is not in the bucket.",
                tenant="default",
                object_id="rec_01j9x2kp3n8fxrqk4m2b",
                mended=VERIFYING,
                check="bucket",
                found_at="2025-04-05T10:31:00.020Z",
                seen_at="2025-04-05T10:31:00.020Z",
            )
        ],
        repairs=[],
    ),
)
