"""What the services refuse says what to do by the words of the API; the pages say what to press."""

import re
from typing import Final

_FOR_PEOPLE: Final = (
    (r"Enable it with paused: false\.", "“Enable” has events sent to it again."),
    (
        r"Recording is not in ready status or not stored in R2",
        "Only a recording that is ready can be archived.",
    ),
    (
        r"Recording is not in processing status or missing Cloudflare recording ID",
        "Only a recording that is being finished, and of which LiveKit knows, can be recovered.",
    ),
    (r"POST /api/v1/recordings/\S+/restore brings it back", "“Bring back” does that"),
    (r"then call POST /v1/settings/storage/test\.", "then press “Test it” at Settings, Storage."),
    (r"set one at /v1/settings/storage\.", "set one at Settings, Storage."),
    (r"(cursor: this is none|This is no cursor); use `next_cursor`.*", "There is no such page of the list."),
    (r"room_ids: at most (\d+); leave it out for all rooms\.", r"At most \1 rooms; leave it empty for all."),
)


def for_people(message: str) -> str:
    """Return what is refused as the dashboard says it."""
    for ours, theirs in _FOR_PEOPLE:
        message = re.sub(ours, theirs, message)
    return message
