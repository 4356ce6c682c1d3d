"""Rooms: their ids, their names in LiveKit, their limits."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rtcstack.domain.moderation import Action
from rtcstack.errors import Invalid

DEFAULT_TENANT = "default"
Role = Literal["participant", "host", "viewer"]
"""What somebody may do in a room: a viewer only watches, a host is its admin as well."""
MAX_PARTICIPANTS_LIMIT = 2**32 - 1
"""What LiveKit has room for; a plan's cap is usually lower."""
MAX_NAME_CHARS = 256
NAME_PATTERN = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
"""Something to be seen, and nothing that ends a text for others."""
MAX_METADATA_BYTES = 16 * 1024
MAX_METADATA_DEPTH = 500
ROOM_ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$"
_ROOM_ID = re.compile(ROOM_ID_PATTERN.replace("$", r"\Z"))


@dataclass(frozen=True)
class Room:
    tenant_id: str
    id: str
    name: str
    created_at_ms: int
    max_participants: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    closed_at_ms: int | None = None
    kind: str = "room"
    record: bool = False
    """Whether it is recorded by itself: from its opening on, and whenever somebody is in it."""
    moderation: bool = False
    moderation_action: Action = "notify"
    empty_since_ms: int | None = None
    """Since when nobody is in it; None while somebody is."""
    recording_stopped: bool = False
    """Whether a caller stopped its recording; it is over once somebody comes."""

    @property
    def livekit_name(self) -> str:
        return livekit_name(self.tenant_id, self.id)

    @property
    def is_hall(self) -> bool:
        return self.kind == "hall"

    @property
    def is_closed(self) -> bool:
        return self.closed_at_ms is not None


def check_room_id(room_id: str) -> str:
    """Return `room_id` if a room may have it.

    Raises:
        Invalid: `invalid_room_id`. Nothing else reaches LiveKit: psrpc channels and object keys are built from it.
    """
    if _ROOM_ID.match(room_id):
        return room_id
    raise Invalid(
        "A room id has 1 to 128 letters, digits and . _ ~ - and starts with a letter or a digit.",
        code="invalid_room_id",
        field="room_id",
    )


def check_metadata(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `metadata` if a room may have it.

    Raises:
        Invalid: it is larger than 16 KiB as JSON in UTF-8, or nested so deep that JSON readers give up on it.
    """
    if _is_deeper(metadata, MAX_METADATA_DEPTH):
        raise Invalid(f"Metadata may be nested {MAX_METADATA_DEPTH} deep.", field="metadata")
    text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_METADATA_BYTES:
        raise Invalid("Metadata may have up to 16 KiB of JSON.", field="metadata")
    return metadata


def _is_deeper(value: Any, limit: int) -> bool:
    """Walk level by level: a recursion would run into the limit that this guards."""
    level = [value]
    for _ in range(limit):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    """Return the objects and arrays in `node`."""
    inside = node.values() if isinstance(node, Mapping) else node
    return [child for child in inside if isinstance(child, Mapping | list)]


def livekit_name(tenant_id: str, room_id: str) -> str:
    """The default tenant's rooms have their own names in LiveKit; `:` cannot be in an id, so none collide."""
    return room_id if tenant_id == DEFAULT_TENANT else f"{tenant_id}:{room_id}"


def parse_livekit_name(name: str) -> tuple[str, str]:
    """Return (tenant id, room id) of a room's name in LiveKit."""
    tenant_id, colon, room_id = name.partition(":")
    return (tenant_id, room_id) if colon else (DEFAULT_TENANT, name)
