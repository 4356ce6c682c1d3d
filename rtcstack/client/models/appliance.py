"""The tenant's bucket, capacity, health, and what the operator sees."""

from datetime import datetime
from typing import Any

import msgspec

from rtcstack.client.models.words import ActorType, FindingKind, Provider, Readiness


class StorageSettings(msgspec.Struct, frozen=True):
    """The tenant's own bucket; the secret is never shown."""

    bucket: str
    region: str
    endpoint: str
    prefix: str
    path_style: bool
    provider: Provider
    access_key_id: str
    secret_access_key: str
    may_read: bool
    may_delete: bool
    checked_at: datetime | None
    updated_at: datetime


class StorageDeleted(msgspec.Struct, frozen=True):
    deleted: bool


class Worker(msgspec.Struct, frozen=True):
    """What an Egress worker has measured."""

    running: int
    more: int
    can_record: bool
    reason: str | None
    cores: float
    cores_needed: float
    cores_other: float
    memory_bytes: int
    disk_bytes: int


class Capacity(msgspec.Struct, frozen=True):
    """`more` is None when there are workers that do not say; `workers` is for the operator's keys."""

    can_record: bool
    more: int | None
    running: int
    message: str
    workers: list[Worker] = []


class Health(msgspec.Struct, frozen=True):
    status: str = "ok"


class Ready(msgspec.Struct, frozen=True):
    status: Readiness
    parts: dict[str, str]
    disk: str


class AuditActor(msgspec.Struct, frozen=True):
    type: ActorType
    key_id: str | None
    address: str | None


class AuditEntry(msgspec.Struct, frozen=True):
    id: str
    at: datetime
    action: str
    tenant: str | None
    object_id: str | None
    actor: AuditActor
    request_id: str | None
    details: dict[str, Any]


class AuditPage(msgspec.Struct, frozen=True):
    data: list[AuditEntry]
    next_cursor: str | None


class ReconcileCheck(msgspec.Struct, frozen=True):
    name: str
    began_at: datetime | None
    ended_at: datetime | None
    is_running: bool
    seen: int
    error: str | None


class ReconcileFinding(msgspec.Struct, frozen=True):
    kind: FindingKind
    subject: str
    message: str
    tenant: str | None
    object_id: str | None
    mended: str | None
    check: str
    found_at: datetime
    seen_at: datetime


class Reconciliation(msgspec.Struct, frozen=True):
    agrees: bool
    open_count: int
    checks: list[ReconcileCheck]
    findings: list[ReconcileFinding]
    repairs: list[AuditEntry]
