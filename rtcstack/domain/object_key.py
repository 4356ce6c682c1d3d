"""Where a recording's object lies: `{roomId}/{YYYY-MM-DDTHH-MM-SS}.mp4`, in UTC (seed document 004).

Other tenants than the default one share the bucket under `_t/{tenant_id}/`; a room id cannot begin with `_`. A second
recording of the room within the same second gets `-2`, a third one `-3`.
"""

from datetime import UTC, datetime

from rtcstack.domain.room import DEFAULT_TENANT


def object_key(tenant_id: str, room_id: str, started_at_ms: int, *, nth: int = 1) -> str:
    stamp = datetime.fromtimestamp(started_at_ms / 1000, UTC).strftime("%Y-%m-%dT%H-%M-%S")
    prefix = "" if tenant_id == DEFAULT_TENANT else f"_t/{tenant_id}/"
    suffix = "" if nth == 1 else f"-{nth}"
    return f"{prefix}{room_id}/{stamp}{suffix}.mp4"


def download_name(key: str) -> str:
    """The file name a person finds in the downloads folder: `{roomId}-{timestamp}.mp4`."""
    return "-".join(key.rsplit("/", 2)[-2:])
