"""What LiveKit is told of a room when it makes it."""

import json

from rtcstack.domain.room import Room
from rtcstack.ports.livekit import RoomShape


def shape_of(room: Room) -> RoomShape:
    """A hall outlives its participants: it stays until it is closed."""
    return RoomShape(
        max_participants=room.max_participants,
        metadata=json.dumps(dict(room.metadata)),
        is_lasting=room.kind == "hall",
    )
