"""Where a page of a list of rooms begins."""

import re
from dataclasses import dataclass

from rtcstack.errors import Invalid

_CURSOR = re.compile(r"(\d{1,15})\.([A-Za-z0-9][A-Za-z0-9._~-]{0,127})\Z", re.ASCII)


@dataclass(frozen=True)
class RoomCursor:
    """The place after one room in a list, newest first. Rooms that are opened later do not move it."""

    created_at_ms: int
    room_id: str

    def text(self) -> str:
        """Return it for a URL."""
        return f"{self.created_at_ms}.{self.room_id}"

    @classmethod
    def parse(cls, text: str) -> "RoomCursor":
        """Raises `Invalid` (`invalid_cursor`) for what no list of ours gave."""
        found = _CURSOR.match(text)
        if found is None:
            raise Invalid("This is no place in the list of rooms.", code="invalid_cursor", field="after")
        return cls(int(found[1]), found[2])
