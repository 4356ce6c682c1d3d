"""Bodies of the Relay surface: snake_case, bare objects (seed documents 000 and 001)."""

from typing import Annotated, Any

import msgspec

from rtcstack.domain.moderation import Action
from rtcstack.domain.room import MAX_NAME_CHARS, MAX_PARTICIPANTS_LIMIT, NAME_PATTERN

_DEFAULT_PARTICIPANTS = 50


class CreateHallRequest(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS, pattern=NAME_PATTERN)]
    max_participants: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTICIPANTS_LIMIT)] = _DEFAULT_PARTICIPANTS
    record: bool = False
    moderation: bool = False
    moderation_action: Action = "notify"
    """What follows when moderation finds something: `close` also closes the hall."""
    metadata: dict[str, Any] = {}


class CreatedHallBody(msgspec.Struct):
    hall_id: str
    join_token: str
    created_at: str
