"""The reconciler's checks, each a row with a lease and a fence, and what they have found and not mended."""

from collections.abc import Mapping, Sequence

from rtcstack.domain.finding import CheckState, Finding, FindingKind, Look, OpenFinding
from rtcstack.ports.database import Reader, Row, Tx

_ENSURE = "INSERT INTO reconcile_checks (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"
_CLAIM = """UPDATE reconcile_checks SET lease_until_ms = :lease_until_ms, fence = fence + 1, began_at_ms = :now_ms
    WHERE name = :name AND (lease_until_ms IS NULL OR lease_until_ms < :now_ms)
        AND (due_at_ms <= :now_ms OR :is_asked = 1) RETURNING fence, cursor"""
_END = """UPDATE reconcile_checks SET lease_until_ms = NULL, ended_at_ms = :now_ms,
    due_at_ms = coalesce(:due_at_ms, due_at_ms), seen = :seen,
    cursor = :cursor, error = NULL WHERE name = :name AND fence = :fence"""
_FAIL = """UPDATE reconcile_checks SET lease_until_ms = NULL, ended_at_ms = :now_ms,
    due_at_ms = coalesce(:due_at_ms, due_at_ms), error = :error WHERE name = :name AND fence = :fence"""
_RELEASE = (
    "UPDATE reconcile_checks SET lease_until_ms = NULL, due_at_ms = 0 WHERE name = :name AND fence = :fence"
)
_CHECKS = """SELECT name, began_at_ms, ended_at_ms, seen, error, lease_until_ms >= :now_ms AS is_running
    FROM reconcile_checks ORDER BY name"""
_FORGET = "DELETE FROM reconcile_checks WHERE name = :name"
_FORGET_FINDINGS = "DELETE FROM reconcile_findings WHERE check_name = :name"
_SETTLE = """DELETE FROM reconcile_findings WHERE check_name = :name AND fence <> :fence
    AND subject > :after AND subject <= :up_to"""
_FOUND = """INSERT INTO reconcile_findings
        (check_name, subject, kind, tenant_id, object_id, message, mended, found_at_ms, seen_at_ms,
        fence)
    VALUES (:name, :subject, :kind, :tenant_id, :object_id, :message, :mended, :now_ms, :now_ms, :fence)
    ON CONFLICT (check_name, subject, kind) DO UPDATE SET seen_at_ms = excluded.seen_at_ms,
        fence = excluded.fence, message = excluded.message, mended = coalesce(excluded.mended, reconcile_findings.mended)"""
_OPEN = "SELECT * FROM reconcile_findings ORDER BY found_at_ms, check_name, subject LIMIT :limit"
_SUBJECTS = "SELECT subject, found_at_ms FROM reconcile_findings WHERE check_name = :name"
_COUNT = "SELECT count(*) AS n FROM reconcile_findings"


async def claim(
    tx: Tx, name: str, now_ms: int, lease_until_ms: int, *, is_asked: bool
) -> tuple[int, str] | None:
    """Take the check's turn if it is due, or asked for, and nobody has it; return the claim's fence and where to go on."""
    await tx.execute(_ENSURE, name=name)
    row = await tx.find(
        _CLAIM, name=name, now_ms=now_ms, lease_until_ms=lease_until_ms, is_asked=int(is_asked)
    )
    return (row["fence"], row["cursor"]) if row else None


async def end(tx: Tx, name: str, fence: int, look: Look, now_ms: int, due_at_ms: int | None) -> None:
    """Keep what the look found, and forget what it no longer finds, unless another claim has been made since. The next one is
    due then; None leaves that as it was.
    """
    known = {"name": name, "fence": fence, "now_ms": now_ms, "due_at_ms": due_at_ms}
    if not await tx.execute(_END, **known, seen=look.seen, cursor=look.cursor):
        return
    for finding in look.findings:
        await tx.execute(
            _FOUND,
            name=name,
            subject=finding.subject,
            kind=finding.kind,
            tenant_id=finding.tenant_id,
            object_id=finding.object_id,
            message=finding.message,
            mended=finding.mended,
            now_ms=now_ms,
            fence=fence,
        )
    await tx.execute(_SETTLE, name=name, fence=fence, after=look.after, up_to=look.up_to)


async def fail(tx: Tx, name: str, fence: int, error: str, now_ms: int, due_at_ms: int | None) -> None:
    """Say that the look could not be done; what was found before stands."""
    known = {"name": name, "fence": fence, "now_ms": now_ms, "due_at_ms": due_at_ms}
    await tx.execute(_FAIL, **known, error=error)


async def release(tx: Tx, name: str, fence: int) -> None:
    """Let another process have the turn at once."""
    await tx.execute(_RELEASE, name=name, fence=fence)


async def checks(reader: Reader, now_ms: int) -> Sequence[CheckState]:
    rows = await reader.all(_CHECKS, now_ms=now_ms)
    return [CheckState(**{**dict(row), "is_running": bool(row["is_running"])}) for row in rows]


async def forget(tx: Tx, name: str) -> None:
    """Forget a check that is no more, with what it found: a bucket that nobody uses."""
    await tx.execute(_FORGET_FINDINGS, name=name)
    await tx.execute(_FORGET, name=name)


async def list_open(reader: Reader, limit: int) -> Sequence[OpenFinding]:
    """Return the oldest first."""
    return [_open(row) for row in await reader.all(_OPEN, limit=limit)]


async def open_since(reader: Reader, name: str) -> Mapping[str, int]:
    """Return what the check has found and not seen settled, and since when (ms)."""
    return {row["subject"]: row["found_at_ms"] for row in await reader.all(_SUBJECTS, name=name)}


async def count_open(reader: Reader) -> int:
    row = await reader.find(_COUNT)
    return int(row["n"]) if row else 0


def _open(row: Row) -> OpenFinding:
    finding = Finding(
        FindingKind(row["kind"]),
        row["subject"],
        row["message"],
        row["tenant_id"],
        row["object_id"],
        row["mended"],
    )
    return OpenFinding(row["check_name"], finding, row["found_at_ms"], row["seen_at_ms"])
