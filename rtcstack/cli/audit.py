"""`rtcstack audit`."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from rtcstack.cli.access import AsJson, Data, with_opened
from rtcstack.domain.audit import Action, AuditEntry, AuditFilter
from rtcstack.domain.instant import iso_ms
from rtcstack.services.audit_log import MAX_LIMIT, AuditLog


def audit(
    tenant: Annotated[str | None, typer.Option(help="Only what was done to this tenant's objects.")] = None,
    action: Annotated[Action | None, typer.Option(help="Only entries of this kind.")] = None,
    object_id: Annotated[
        str | None,
        typer.Option("--object", metavar="ID", help="Only what was done to the object of this id."),
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Only what was done then or later, in UTC.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show who did what, and when: newest first."""
    from rtcstack.bootstrap_access import open_audit

    since_ms = round(since.replace(tzinfo=UTC).timestamp() * 1000) if since else None
    which = AuditFilter(tenant, action, since_ms, object_id)
    entries = with_opened(data, open_audit, lambda log: _newest(log, which, limit))
    if as_json:
        typer.echo(json.dumps([_row(entry) for entry in entries]))
        return
    for entry in entries:
        typer.echo(_line(entry))


async def _newest(log: AuditLog, which: AuditFilter, limit: int) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    cursor = None
    while True:
        page = await log.page(which, cursor=cursor, limit=min(limit - len(found), MAX_LIMIT))
        found += page.entries
        cursor = page.cursor
        if cursor is None or len(found) >= limit:
            return found


def _row(entry: AuditEntry) -> dict[str, Any]:
    """Return it as the API shows it."""
    actor = entry.actor
    return {
        "id": entry.id,
        "at": iso_ms(entry.at_ms),
        "action": entry.action,
        "tenant": entry.tenant_id,
        "object_id": entry.object_id,
        "actor": {"type": actor.kind, "key_id": actor.key_id, "address": actor.address},
        "request_id": actor.request_id,
        "details": dict(entry.details),
    }


def _line(entry: AuditEntry) -> str:
    actor = entry.actor
    who = f"key {actor.key_id} from {actor.address}" if actor.key_id else actor.kind
    details = " ".join(f"{name}={value}" for name, value in entry.details.items())
    words = (
        iso_ms(entry.at_ms),
        entry.tenant_id or "-",
        entry.action,
        entry.object_id or "-",
        f"by {who}",
        details,
    )
    return "  ".join(word for word in words if word)
