"""What of an egress lies in the spool and not in the store yet."""

from dataclasses import dataclass

from rtcstack.egress.dispatcher.journal import Facts
from rtcstack.egress.dispatcher.upload_ahead import FIRST
from rtcstack.egress.dispatcher.uploader import MOST_PARTS
from rtcstack.egress.spool import SpoolFolder


@dataclass(frozen=True, slots=True)
class Backlog:
    unsent_bytes: int
    sent: int
    """How many parts, segments and images the store has; as long as this number grows, nothing hangs."""
    is_due: bool
    """Whether something is ready to be sent, or waits: a full part, the rest of a file that is closed."""


def backlog_of(
    folder: SpoolFolder, facts: Facts, *, is_recorded: bool, is_in_parts: bool = True, waits: bool = False
) -> Backlog:
    """`is_recorded`: nobody writes to the file any more. `is_in_parts`: what was begun in parts goes on so.

    A file that goes as a whole is due only while it `waits` for a store that did not take it: how much of it has gone
    nobody says, and a large one takes its time.
    """
    if facts.stored is not None or facts.is_closed:
        return Backlog(0, 0, is_due=False)
    parts = [part.stat().st_size for part in folder.parts()]
    written = sum(parts)
    if facts.upload is None or not is_in_parts or len(parts) > 1:
        return Backlog(written, 0, is_due=is_recorded and waits and written > 0)
    sent = len(facts.parts_sent)
    unsent = max(0, written - sent * facts.upload.part_bytes)
    full = min(written // facts.upload.part_bytes, MOST_PARTS) - FIRST + 1
    return Backlog(unsent, sent, is_due=is_recorded or sent < full)
