from datetime import datetime

from rtcstack.client.call import Call, Pages
from rtcstack.client.models.appliance import (
    AuditEntry,
    AuditPage,
    Capacity,
    Health,
    Ready,
    Reconciliation,
    StorageDeleted,
    StorageSettings,
)
from rtcstack.client.request import Request
from rtcstack.client.session import Session

_STORAGE = "/v1/settings/storage"
_UNREADY = 503


class StorageCalls:
    """The tenant's own bucket (docs/api/storage.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> Call[StorageSettings]:
        """Show it; 404 `storage_not_found` if the tenant has none of its own."""
        return Call(self._session, Request(f"GET {_STORAGE}", StorageSettings))

    def set(
        self,
        bucket: str,
        access_key_id: str,
        secret_access_key: str,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        prefix: str | None = None,
        path_style: bool | None = None,
    ) -> Call[StorageSettings]:
        body = {
            "bucket": bucket,
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "region": region,
            "endpoint": endpoint,
            "prefix": prefix,
            "path_style": path_style,
        }
        return Call(self._session, Request(f"PUT {_STORAGE}", StorageSettings, body=body))

    def test(self) -> Call[StorageSettings]:
        """Find out anew what the key may do."""
        return Call(self._session, Request(f"POST {_STORAGE}/test", StorageSettings))

    def delete(self) -> Call[StorageDeleted]:
        return Call(self._session, Request(f"DELETE {_STORAGE}", StorageDeleted))


class AdminCalls:
    """What whoever runs the appliance sees; wants a key of the operator (docs/api/audit.md, docs/api/reconcile.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def audit(
        self,
        *,
        tenant: str | None = None,
        action: str | None = None,
        object_id: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Pages[AuditPage, AuditEntry]:
        """List who did what, newest first. `since` needs a time zone."""
        query = {
            "tenant": tenant,
            "action": action,
            "object_id": object_id,
            "since": since.isoformat() if since else None,
            "limit": limit,
            "cursor": cursor,
        }
        request = Request("GET /v1/admin/audit", AuditPage, query=query)
        return Pages(
            self._session, request, lambda page: {"cursor": page.next_cursor} if page.next_cursor else None
        )

    def reconciliation(self) -> Call[Reconciliation]:
        """Show whether database, LiveKit, workers and buckets agree."""
        return Call(self._session, Request("GET /v1/admin/reconcile", Reconciliation))

    def reconcile(self) -> Call[Reconciliation]:
        """Look at everything now."""
        return Call(self._session, Request("POST /v1/admin/reconcile", Reconciliation))


class SystemCalls:
    """Health, which needs no key, and capacity (docs/api/capacity.md)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def health(self) -> Call[Health]:
        return Call(self._session, Request("GET /healthz", Health))

    def ready(self) -> Call[Ready]:
        """Tell which parts answer; `unready` is an answer, no error."""
        return Call(self._session, Request("GET /readyz", Ready, also_fine=(_UNREADY,)))

    def capacity(self) -> Call[Capacity]:
        """Tell whether a recording can be begun now, and if not, why."""
        return Call(self._session, Request("GET /v1/capacity", Capacity))
