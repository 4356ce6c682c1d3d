"""Somebody in a room, as LiveKit's events tell it. Recorders are nobody."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Participant:
    sid: str
    tenant_id: str
    room_id: str
    room_sid: str
    """LiveKit's id of the room's present life: a room that is made again has another."""
    identity: str
    joined_at_ms: int
    left_at_ms: int | None = None
