"""Recordings and their objects put where the library finds them: no Egress worker makes any here."""

import io
import time
from dataclasses import dataclass, field
from typing import Any

from rtcstack.adapters.s3.client import client as s3_client
from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.object_key import object_key
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.ids import new_id
from rtcstack.repositories import after_care, library, parts
from tests.integration.api.conftest import Api

CONTENT = b"not really a film" * 1000
DESCRIPTION: dict[str, str | list[str] | tuple[str]] = {
    "rtcstack-duration-ms": "60000",
    "rtcstack-video": "h264,1280x720,30",
}
"""What a recorder of ours writes beside its bytes."""


@dataclass
class Shelf:
    """Puts recordings into one API's database and objects into its bucket."""

    api: Api
    _nth: int = 0
    _made_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    def __post_init__(self) -> None:
        own = self.api.settings.storage
        keys = own.access_key.get_secret_value(), own.secret_key.get_secret_value()
        self.bucket, self.cold_bucket = own.bucket, own.cold_bucket
        self.s3 = s3_client(own.url, *keys, own.region)

    def put(self, key: str, metadata: dict[str, str | list[str] | tuple[str]] | None = None) -> None:
        data, told = io.BytesIO(CONTENT), DESCRIPTION if metadata is None else metadata
        self.s3.put_object(self.bucket, key, data, len(CONTENT), "video/mp4", metadata=told)

    def put_cold(self, key: str) -> None:
        """Put it where archived recordings of the shared store lie."""
        if not self.s3.bucket_exists(self.cold_bucket):
            self.s3.make_bucket(self.cold_bucket)
        self.s3.put_object(
            self.cold_bucket, key, io.BytesIO(CONTENT), len(CONTENT), "video/mp4", metadata=DESCRIPTION
        )

    def keys(self, bucket: str) -> set[str]:
        if not self.s3.bucket_exists(bucket):
            return set()
        return {str(entry.object_name) for entry in self.s3.list_objects(bucket, recursive=True)}

    async def add(
        self,
        state: RecordingState,
        room_id: str = "shelf",
        *,
        tenant: str = "default",
        egress_id: str | None = "EG_shelf",
        error: str | None = None,
    ) -> Recording:
        """Insert a recording in that state that no worker touches: it has no due date, and no job is made up for it."""
        self._nth += 1
        started_at_ms = self._made_ms - self._nth * 1000
        recording = Recording(
            id=new_id("rec", self._made_ms),
            tenant_id=tenant,
            room_id=room_id,
            state=state,
            bucket=self.bucket,
            object_key=object_key(tenant, room_id, started_at_ms),
            started_at_ms=started_at_ms,
            stopped_at_ms=started_at_ms + 60_000,
            duration_ms=60_000,
            size_bytes=len(CONTENT),
        )
        async with self.api.platform._adapters.db.transaction() as tx:
            await library.add_found(tx, recording, None)
            await after_care.note_queued(tx, recording.id, started_at_ms)
            if egress_id:
                name = f"{egress_id}_{self._nth}"
                await parts.link_egress(tx, recording.id, name, EgressStatus.STARTING, -1)
            if error:
                params = {"id": recording.id, "error": error}
                await tx.execute("UPDATE recordings SET error = :error WHERE id = :id", **params)
        return recording

    async def room(self, room_id: str = "shelf", **key: dict[str, str]) -> None:
        made = await self.api.http.post("/v1/rooms", json={"roomId": room_id, "name": "A shelf"}, **key)  # type: ignore[arg-type]  # `headers`
        assert made.status_code == 201, made.text

    async def get(self, recording_id: str) -> dict[str, Any]:
        return dict((await self.api.http.get(f"/api/v1/recordings/{recording_id}")).json()["data"])
