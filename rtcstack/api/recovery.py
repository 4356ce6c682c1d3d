"""How surfaces show what a recording lacks because a recorder or worker died (snake_case)."""

import msgspec

from rtcstack.domain.recording import Recording


class GapBody(msgspec.Struct, frozen=True):
    """`at_seconds` is a place in the file, `lost_seconds` what of the room is missing there."""

    at_seconds: float
    lost_seconds: float


def gap_bodies(recording: Recording) -> tuple[GapBody, ...]:
    return tuple(GapBody(gap.at_ms / 1000, gap.lost_ms / 1000) for gap in recording.gaps)
