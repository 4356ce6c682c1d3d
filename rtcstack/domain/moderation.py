"""What was found in the pictures of a moderated hall, and what is done about it."""

import hashlib
from dataclasses import dataclass
from typing import Literal

Action = Literal["notify", "close"]
"""`close` closes the hall; customers are told either way."""

QUIET_MS = 5 * 60_000
"""Customers are told of a category once in so long: what is to be seen goes on from picture to picture."""


@dataclass(frozen=True)
class Finding:
    id: str
    tenant_id: str
    room_id: str
    recording_id: str | None
    """None if the hall was not recorded when it was looked at."""
    at_ms: int
    """When that was to be seen."""
    position_ms: int | None
    """Where in the recording."""
    category: str
    likelihood: float
    provider: str
    model: str
    action: Action
    created_at_ms: int


def finding_id(recording_id: str, position_ms: int, category: str) -> str:
    """Return the id of what is found there: looking at the same picture again finds nothing new."""
    text = f"{recording_id}|{position_ms}|{category}"
    return "find_" + hashlib.sha256(text.encode()).hexdigest()[:24]
