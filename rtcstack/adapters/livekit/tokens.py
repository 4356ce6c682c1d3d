"""Join tokens."""

from datetime import timedelta

from livekit.api import AccessToken, VideoGrants

from rtcstack.ports.livekit import Role


def join_token(key: str, secret: str, *, room: str, identity: str, name: str, role: Role, ttl_s: int) -> str:
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
    return token.with_grants(grants).to_jwt()
