"""Read the audit log, and forget what is older than it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.audit import AuditEntry, AuditFilter
from rtcstack.errors import Invalid
from rtcstack.ports.database import Database
from rtcstack.repositories import audit

MAX_LIMIT = 100
_BATCH = 500
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class AuditPage:
    """`cursor` is where the next page begins, None if this is the last one."""

    entries: Sequence[AuditEntry]
    cursor: str | None


class AuditLog:
    def __init__(self, db: Database, clock: Clock, *, retention_days: int) -> None:
        self._db, self._clock, self._kept_ms = db, clock, retention_days * _DAY_MS

    async def page(self, which: AuditFilter, *, cursor: str | None, limit: int) -> AuditPage:
        """Return at most 100, newest first. Raises `Invalid` for a cursor that is none."""
        if cursor is not None and not cursor.startswith("aud_"):
            raise Invalid(
                "cursor: this is none; use `next_cursor` as it is.", code="invalid_cursor", field="cursor"
            )
        limit = min(limit, MAX_LIMIT)
        found = await audit.page(self._db, which, before=cursor, limit=limit + 1)
        shown = found[:limit]
        return AuditPage(shown, shown[-1].id if len(found) > limit else None)

    async def forget_old(self) -> bool:
        """Forget some of what is older than it is kept; return whether there may be more."""
        async with self._db.transaction() as tx:
            return await audit.purge(tx, self._clock.now_ms() - self._kept_ms, _BATCH) == _BATCH
