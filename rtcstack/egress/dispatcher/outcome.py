"""How an egress ended, in LiveKit's words: from the journal's facts to `details`, `error` and the final status."""

import time
from typing import Final

from livekit.protocol.egress import EgressInfo

from rtcstack.domain import loss as losses
from rtcstack.domain import notes
from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher.journal import Facts, Made, Stored
from rtcstack.egress.dispatcher.losses import gaps_of, is_recovered
from rtcstack.egress.job import EndReason

_WORDS: Final[dict[EndReason, str]] = {
    "stopped": infos.BY_FAILURE,  # by nobody's order: the native library ends its own process so
    "room_closed": infos.BY_ROOM,
    "removed": infos.BY_ROOM,
    "source_gone": infos.BY_ROOM,
    "source_missing": infos.BY_FAILURE,
    "connection_lost": "Connection lost",
    "control_lost": infos.BY_DEATH,
    "join_failed": infos.BY_FAILURE,
    "disk_full": "Disk full",
    "limit_reached": infos.BY_LIMIT,
    "error": infos.BY_FAILURE,
}
_EARLY: Final[dict[EndReason, str]] = {
    "disk_full": notes.DISK_FULL,
    "limit_reached": notes.LIMIT_REACHED,
    "connection_lost": notes.CONNECTION_LOST,
}
_WANTED: Final[tuple[EndReason, ...]] = (
    "stopped",
    "room_closed",
    "removed",
    "source_gone",
    "control_lost",
)
"""Ends that are no failure even when nothing was recorded."""
NOTHING_TO_LOSE: Final = (
    "The recording was ended before its first frame. Nothing had been recorded, so nothing is lost."
)


def end_reason(facts: Facts) -> str:
    if facts.stop_asked:
        return facts.stop_asked.why
    if facts.recorded is None or facts.recorded.reason is None:
        return infos.BY_DEATH
    return _WORDS[facts.recorded.reason]


def loss(facts: Facts) -> str | None:
    """Return what a person should know about a recording that is shorter than it should be."""
    recorded = facts.recorded
    if facts.stop_asked and facts.first_frame is None:
        return None  # stopped before there was anything to lose
    if recorded is None or recorded.reason is None:
        return "the recorder died again and again" if facts.course.parts_lost else "the recorder died"
    if recorded.reason in _EARLY and not (recorded.reason == "connection_lost" and recorded.error):
        return _EARLY[recorded.reason]  # else it never was in the room
    if recorded.error:
        return f"the recorder reported: {recorded.error}"
    if recorded.reason == "control_lost":
        return "recovered after the worker was killed"
    return None


def recovered(info: EgressInfo, facts: Facts, file: Made | Stored | None) -> None:
    """Say what is missing of a recording that a death interrupted, as far as there is a file of it, stored or not."""
    if file and is_recovered(file, facts):
        infos.add_detail(info, losses.recovered(gaps_of(file, facts)))


def strain(facts: Facts) -> str | None:
    """Return what is to be said about a recording with less in it than was asked for: sentences of `details`."""
    return losses.SEPARATOR.join(told for told in (_fewer(facts), *_lacking(facts)) if told) or None


def _lacking(facts: Facts) -> list[str]:
    of_parts = [*(part.lacks for part in facts.course.parts_lost), facts.recorded and facts.recorded.lacks]
    lacking = [lacks for lacks in of_parts if lacks]
    told = []
    if begun := [lacks.cut_off_ns for lacks in lacking if lacks.cut_off_ms]:
        told.append(notes.cut_off(sum(lacks.cut_off_ms for lacks in lacking), min(begun)))
    if sound_ms := sum(lacks.sound_ms for lacks in lacking):
        told.append(notes.sound_missing(sound_ms))
    return told


def _fewer(facts: Facts) -> str | None:
    told = [*(part.reduced for part in facts.course.parts_lost), facts.recorded and facts.recorded.reduced]
    of_parts = [reduced for reduced in told if reduced]
    if not of_parts:
        return None
    for_ms = sum(reduced.for_ms for reduced in of_parts)
    return notes.fewer_pictures(for_ms, min(reduced.framerate for reduced in of_parts))


def is_limit_reached(facts: Facts) -> bool:
    return facts.recorded is not None and facts.recorded.reason == "limit_reached"


def was_wanted(facts: Facts) -> bool:
    """Whether an egress without a file was ended on purpose (aborted) rather than by a failure."""
    if facts.stop_asked:
        return True
    return facts.recorded is not None and facts.recorded.reason in _WANTED and not facts.recorded.error


def no_file(info: EgressInfo, facts: Facts, error: str) -> None:
    """Say that there is no file: because nobody wanted one any more, or else for the recorder's reason, if it gave one, or `error`."""
    if facts.first_frame is None and was_wanted(facts):
        infos.aborted(info, NOTHING_TO_LOSE, time.time_ns())
    else:
        told = facts.recorded.error if facts.recorded else None
        failed(info, facts, told or error, 500)


def refused(info: EgressInfo, facts: Facts, words: str) -> None:
    """Say in the store's words that it has not taken all, and what it has. Of the file a retry may bring it there."""
    recovered(info, facts, facts.stored or facts.made)
    if facts.stored and info.file_results:
        infos.fill_file(info, facts.stored)
        infos.add_detail(info, "the file is stored; what was to lie beside it is kept in the worker's spool")
    else:
        infos.add_detail(info, "the file is kept in the worker's spool")
    failed(info, facts, words, 403)


def failed(info: EgressInfo, facts: Facts, error: str, code: int) -> None:
    until_ns = facts.recorded.wall_ns if facts.recorded else 0
    infos.failed(info, error, code, time.time_ns(), until_ns)
