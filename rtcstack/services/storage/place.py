"""Where a tenant's next recording goes."""

from rtcstack.domain.object_key import archive_key, folder
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.recording import Recording
from rtcstack.errors import Conflict
from rtcstack.ports.database import Reader
from rtcstack.ports.storage import Location
from rtcstack.repositories import storages


class Places:
    """`require_own`: whether the shared bucket, `shared_bucket`, counts for nothing."""

    def __init__(self, *, shared_bucket: str, require_own: bool) -> None:
        self.shared_bucket, self._require_own = shared_bucket, require_own

    async def current(self, reader: Reader, tenant_id: str) -> OwnBucket | None:
        """Return the tenant's own bucket, None if it is the shared one that counts.

        Raises:
            Conflict: `storage_not_configured`.
        """
        own = await storages.find_current(reader, tenant_id)
        if own is None and self._require_own:
            raise Conflict(
                "There is no bucket for this tenant's recordings; set one at /v1/settings/storage.",
                code="storage_not_configured",
            )
        return own


def room_folder(own: OwnBucket | None, tenant_id: str, room_id: str) -> str:
    """Return the prefix of all of a room's objects, with its slash."""
    return own.folder(room_id) if own else folder(tenant_id, room_id)


def archived_at(recording: Recording) -> Location:
    """Return where the object of an archived recording lies: under its own key in the cold bucket of the shared store,
    or in a folder of the tenant's own bucket.
    """
    if recording.cold_bucket == recording.bucket:
        return Location(recording.bucket, archive_key(recording.object_key))
    return Location(recording.cold_bucket or "", recording.object_key)
