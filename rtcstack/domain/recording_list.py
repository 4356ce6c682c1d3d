"""Which of a tenant's recordings a list has, and where a page of it begins."""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Invalid

_CURSOR = re.compile(r"(\d{1,15})\.(rec_[0-9a-z]{1,40})\Z", re.ASCII)


@dataclass(frozen=True)
class RecordingFilter:
    """Nothing given means all."""

    room_id: str | None = None
    states: Collection[RecordingState] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Cursor:
    """The place after one recording in a list, newest first. Recordings that begin later do not move it."""

    started_at_ms: int
    recording_id: str

    def text(self) -> str:
        """Return it for a URL; callers treat it as opaque."""
        plain = f"{self.started_at_ms}.{self.recording_id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises `Invalid` (`invalid_cursor`) for what no list of ours gave."""
        try:
            padded = text + "=" * (-len(text) % 4)
            plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError):
            plain = ""
        found = _CURSOR.match(plain)
        if found is None:
            raise Invalid(
                "This is no cursor; use `next_cursor` of the page before as it is.",
                code="invalid_cursor",
                field="cursor",
            )
        return cls(int(found[1]), found[2])
