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


def backlog_of(folder: SpoolFolder, facts: Facts, *, is_recorded: bool, waits: bool = False) -> Backlog:
    """`is_recorded`: nobody writes to the file any more.

    A file of which nothing was begun is due only while it `waits` for a store that did not take it: it may be joined first,
    which takes its time, or is a single part.
    """
    if facts.stored is not None or facts.is_closed:
        return Backlog(0, 0, is_due=False)
    parts = [part.stat().st_size for part in folder.parts()]
    written = sum(parts)
    if facts.upload is None or (len(parts) > 1 and not facts.upload.sha256):
        return Backlog(written, 0, is_due=is_recorded and waits and written > 0)
    sent = len(facts.parts_sent)
    unsent = max(0, written - sent * facts.upload.part_bytes)
    full = min(written // facts.upload.part_bytes, MOST_PARTS) - FIRST + 1
    return Backlog(unsent, sent, is_due=is_recorded or sent < full)
