"""Join tokens."""

from datetime import timedelta

from livekit.api import AccessToken, VideoGrants
from livekit.protocol.room import RoomConfiguration

from rtcstack.domain.room import Role
from rtcstack.ports.livekit import RoomShape

LASTING_S = 10 * 365 * 24 * 3600
"""How long LiveKit keeps a lasting room empty: until it is closed, for all that matters."""


def join_token(
    key: str,
    secret: str,
    *,
    room: str,
    identity: str,
    name: str,
    role: Role,
    ttl_s: int,
    shape: RoomShape | None,
) -> str:
    """A viewer only watches, a participant publishes too, a host is the room's admin as well."""
    grants = VideoGrants(
        room_join=True,
        room=room,
        room_admin=role == "host" or None,
        can_publish=role != "viewer",
        can_publish_data=role != "viewer",
        can_subscribe=True,
    )
    token = (
        AccessToken(key, secret).with_identity(identity).with_name(name).with_ttl(timedelta(seconds=ttl_s))
    )
    token = token.with_grants(grants)
    return (token.with_room_config(_room_config(shape)) if shape else token).to_jwt()


def _room_config(shape: RoomShape) -> RoomConfiguration:
    lasting_s = LASTING_S if shape.is_lasting else 0
    return RoomConfiguration(
        max_participants=shape.max_participants or 0,
        metadata=shape.metadata,
        empty_timeout=lasting_s,
        departure_timeout=lasting_s,
    )
