"""Tell who did what, in the transaction that does it: what was done is told of, and what was not is not.

Who acts is known where a call comes in, and what is done only far below: a context variable carries the one to the other.
Work that nobody asked for, of a worker or after an event, is the appliance's own.
"""

from contextvars import ContextVar
from typing import Any

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.audit import SYSTEM, Action, Actor, AuditEntry
from rtcstack.errors import DiskFull, PartUnavailable
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import audit
from rtcstack.services.group_commit import GroupCommit

_log = log.get(__name__)
acting: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)
"""Who acts in this call."""


async def record(
    tx: Tx, action: Action, tenant_id: str | None, object_id: str | None, now_ms: int, **details: Any
) -> None:
    """Write an entry with the transaction. No secret may be among the details."""
    await audit.add(tx, _entry(action, tenant_id, object_id, now_ms, details))


class LinkLog:
    """Tells of links that were handed out: reads have no transaction, so those made at once share one."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._commits: GroupCommit[AuditEntry, None] = GroupCommit(db, _add_all)

    async def note(
        self,
        action: Action,
        tenant_id: str,
        object_id: str,
        *,
        unless_since_ms: int | None = None,
        **details: Any,
    ) -> None:
        """Return when it is committed. A full or busy disk is no reason to keep a file from its owner: it is logged then.

        Whoever was handed one since `unless_since_ms` is not told of again.
        """
        entry = _entry(action, tenant_id, object_id, self._clock.now_ms(), details)
        if unless_since_ms is not None and await audit.is_told(self._db, entry, unless_since_ms):
            return
        try:
            await self._commits.add(entry)
        except (DiskFull, PartUnavailable) as e:
            _log.warning(
                "a link was handed out, and the audit log could not take that in",
                action=action,
                tenant=tenant_id,
                object=object_id,
                by=entry.actor.key_id,
                error=e.message,
            )


async def _add_all(tx: Tx, entries: Any) -> list[None]:
    for entry in entries:
        await audit.add(tx, entry)
    return [None] * len(entries)


def _entry(
    action: Action, tenant_id: str | None, object_id: str | None, now_ms: int, details: dict[str, Any]
) -> AuditEntry:
    return AuditEntry(new_id("aud", now_ms), now_ms, action, tenant_id, object_id, acting.get(), details)
