"""What a recording lacks because a recorder or a worker died: from the file's spans and the journal's facts."""

import itertools
from typing import Final

from rtcstack.domain.loss import Gap
from rtcstack.domain.pauses import outside
from rtcstack.egress.dispatcher.journal import Facts, Made, Stored
from rtcstack.egress.job import EndReason, Span

_MS: Final = 1_000_000
_SMALLEST_MS: Final = 50
_DEATHS: Final[tuple[EndReason | None, ...]] = (
    None,
    "connection_lost",
    "control_lost",
    "error",
    "join_failed",
)


def is_recovered(file: Made | Stored, facts: Facts) -> bool:
    """Whether anybody died over this recording."""
    return bool(facts.course.parts_lost) or file.recovered or _died_last(facts)


def gaps_of(file: Made | Stored, facts: Facts) -> tuple[Gap, ...]:
    """Return what is missing between the parts and at the end, in order; pauses are not missing."""
    found = [
        _between(one, other, facts) for one, other in itertools.pairwise(file.spans) if other.after == "loss"
    ]
    if facts.recorded and file.ended_ns and _died_last(facts):
        until_ns = facts.recorded.wall_ns
        if facts.stop_asked and facts.stop_asked.wall_ns:
            until_ns = min(until_ns, facts.stop_asked.wall_ns)
        found.append(Gap(file.duration_ms, outside(file.ended_ns, until_ns, facts.course.pauses) // _MS))
    return tuple(gap for gap in found if gap.lost_ms >= _SMALLEST_MS)


def _between(one: Span, other: Span, facts: Facts) -> Gap:
    ended_ns = one.wall_ns + (other.pts_ms - one.pts_ms) * _MS
    return Gap(other.pts_ms, outside(ended_ns, other.wall_ns, facts.course.pauses) // _MS)


def _died_last(facts: Facts) -> bool:
    """Whether the last recorder, or its worker, ended as nobody had wanted."""
    recorded = facts.recorded
    if recorded is None:
        return False
    is_unasked = recorded.reason == "stopped" and facts.stop_asked is None
    return recorded.reason in _DEATHS or is_unasked or bool(recorded.error)
