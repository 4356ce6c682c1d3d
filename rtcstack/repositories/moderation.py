"""What was found in the pictures of moderated halls."""

from collections.abc import Sequence
from dataclasses import asdict

from rtcstack.domain.moderation import QUIET_MS, Finding
from rtcstack.ports.database import Reader, Tx

_ADD = """INSERT INTO moderation_findings (id, tenant_id, room_id, recording_id, at_ms, position_ms, category, likelihood,
        provider, model, action, is_told, created_at_ms)
    VALUES (:id, :tenant_id, :room_id, :recording_id, :at_ms, :position_ms, :category, :likelihood, :provider, :model,
        :action, :is_told, :created_at_ms)
    ON CONFLICT (id) DO NOTHING"""
_TOLD_NEAR = """SELECT 1 FROM moderation_findings WHERE tenant_id = :tenant_id AND room_id = :room_id
    AND at_ms > :after_ms AND at_ms < :before_ms AND category = :category AND is_told = 1 LIMIT 1"""
_RECORDED = "SELECT 1 FROM recordings WHERE state IN ('starting', 'recording', 'stopping') LIMIT 1"
_LIST = """SELECT id, tenant_id, room_id, recording_id, at_ms, position_ms, category, likelihood, provider, model, action,
        created_at_ms
    FROM moderation_findings WHERE tenant_id = :tenant_id AND room_id = :room_id
    ORDER BY at_ms DESC, id LIMIT :limit"""


async def is_anything_recorded(reader: Reader) -> bool:
    """Return whether a recorder of this appliance is at work."""
    return await reader.find(_RECORDED) is not None


async def add(tx: Tx, finding: Finding, *, is_told: bool) -> bool:
    """Return whether it is new."""
    return await tx.execute(_ADD, is_told=int(is_told), **asdict(finding)) > 0


async def is_told(reader: Reader, finding: Finding) -> bool:
    """Return whether customers were told of the category shortly before or after what was found was to be seen."""
    near = {"after_ms": finding.at_ms - QUIET_MS, "before_ms": finding.at_ms + QUIET_MS}
    of = {"tenant_id": finding.tenant_id, "room_id": finding.room_id, "category": finding.category}
    return await reader.find(_TOLD_NEAR, **of, **near) is not None


async def list_of_room(reader: Reader, tenant_id: str, room_id: str, limit: int) -> Sequence[Finding]:
    """Newest first."""
    rows = await reader.all(_LIST, tenant_id=tenant_id, room_id=room_id, limit=limit)
    return [Finding(**dict(row)) for row in rows]
