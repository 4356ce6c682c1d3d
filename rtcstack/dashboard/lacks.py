"""What a recording lacks, and what keeps it from the store, as the pages say it."""

from collections.abc import Sequence

from rtcstack.dashboard.formats import moment, sentence
from rtcstack.domain.loss import Gap
from rtcstack.domain.notes import lacks_time
from rtcstack.domain.recording import Recording
from rtcstack.plural import counted

_NAMED = 5
"""So many gaps are named; the API tells all of them."""


def lacks(recording: Recording) -> list[str]:
    """Return whole sentences; none for a recording of which there is nothing to say."""
    told = [_recovered(recording.gaps)] if recording.recovered else []
    told += [f"{sentence(note)}." for note in recording.notes]
    if recording.upload_waits:
        told.append(
            "The store does not take the file for now. It is kept in the spool of its Egress worker and tried again until the "
            f"store has it. What the store says: {recording.upload_waits}"
        )
    return told


def lack_mark(recording: Recording) -> tuple[str, str] | None:
    """Return the word that marks it in a list, and its tone."""
    if recording.upload_waits:
        return "Upload waits", "wait"
    if recording.gaps or any(map(lacks_time, recording.notes)):
        return "Incomplete", "wait"
    return ("Fewer pictures", "calm") if recording.notes else None


def _recovered(gaps: Sequence[Gap]) -> str:
    """Say what a failure cost. The places are those in the file."""
    failed = "The recorder or its machine failed while this was recorded. It was recovered"
    if not gaps:
        return f"{failed}, and as far as is known nothing of it is missing."
    all_s = sum(gap.lost_ms for gap in gaps) / 1000
    named = ", ".join(f"{gap.lost_ms / 1000:.1f} s at {moment(gap.at_ms)}" for gap in gaps[:_NAMED])
    rest = len(gaps) - _NAMED
    more = f" and at {counted(rest, 'more place')}" if rest > 0 else ""
    return f"{failed}, but {all_s:.1f} s of what happened are missing: {named}{more}."
