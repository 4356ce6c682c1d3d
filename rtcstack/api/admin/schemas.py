from typing import Any, Literal

import msgspec

from rtcstack.domain.audit import Action, AuditEntry
from rtcstack.domain.instant import iso_ms
from rtcstack.services.audit_log import AuditPage


class AuditActorBody(msgspec.Struct, frozen=True):
    """`key` is a caller of the API, `admin` a user of the dashboard (`key_id` is the user's id), `operator` the machine's
    command line, `system` the appliance itself.
    """

    type: Literal["key", "admin", "operator", "system"]
    key_id: str | None
    address: str | None


class AuditEntryBody(msgspec.Struct, frozen=True):
    id: str
    at: str
    action: str
    tenant: str | None
    object_id: str | None
    actor: AuditActorBody
    request_id: str | None
    details: dict[str, Any]

    @classmethod
    def from_domain(cls, entry: AuditEntry) -> "AuditEntryBody":
        kind: Any = entry.actor.kind
        return cls(
            id=entry.id,
            at=iso_ms(entry.at_ms),
            action=entry.action,
            tenant=entry.tenant_id,
            object_id=entry.object_id,
            actor=AuditActorBody(kind, entry.actor.key_id, entry.actor.address),
            request_id=entry.actor.request_id,
            details=dict(entry.details),
        )


class AuditBody(msgspec.Struct, frozen=True):
    data: list[AuditEntryBody]
    next_cursor: str | None

    @classmethod
    def from_domain(cls, page: AuditPage) -> "AuditBody":
        return cls([AuditEntryBody.from_domain(entry) for entry in page.entries], page.cursor)


EXAMPLES = (
    AuditBody(
        [
            AuditEntryBody(
                id="aud_01j9x2kp3n8fxrqk4m2b7c5d6e",
                at="2025-04-05T10:31:00.000Z",
                action=Action.RECORDING_DELETE,
                tenant="default",
                object_id="rec_01j9x2kp3n8fxrqk4m2b",
                actor=AuditActorBody("key", "4fKc9ZpQ", "203.0.113.7"),
                request_id="req_5f1d3c0a9b7e2468",
                details={},
            )
        ],
        None,
    ),
)
