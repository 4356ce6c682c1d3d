"""What a recording's object must agree with."""

from collections.abc import Collection, Iterator

from rtcstack.domain.checksum import is_checksum
from rtcstack.domain.pauses import Pauses, outside
from rtcstack.domain.recording import Recording

_SLACK_MS = 5_000
_SLACK = 0.02
"""Between the last frame and the stop lies what LiveKit and the recorder take, and a clock that drifts."""
Span = tuple[int, int]
"""From when to when, in milliseconds since 1970."""


def checksum_of(recording: Recording) -> str | None:
    """Return the checksum that the recorder measured; of a file that no recorder of ours wrote there is none."""
    return recording.checksum if is_checksum(recording.checksum) else None


def object_faults(recording: Recording, size_bytes: int, checksum: str | None) -> Iterator[str]:
    """Name what is wrong with the object itself: writing it again would mend that. Without a checksum none is compared."""
    if recording.size_bytes is not None and size_bytes != recording.size_bytes:
        yield f"the object has {size_bytes} bytes, the recorder wrote {recording.size_bytes}"
    expected = checksum_of(recording)
    if expected is not None and checksum is not None and checksum != expected:
        yield f"the object's SHA-256 is {checksum}, the recorder's file had {expected}"


def recording_faults(
    recording: Recording,
    span_ms: Span | None,
    *,
    duration_ms: int,
    streams: Collection[str],
    pauses: Pauses = (),
) -> Iterator[str]:
    """Name what is wrong with the recording as it was made, by what its container says: nothing can mend that.

    `span_ms` is from when to when was recorded, by the recorder's own clock: when others heard of it says nothing. What lies in
    `pauses` need not be in the file: a recorder is told of a pause after it is noted, and of its end before. Nor is what the
    recording itself says it lost missed, once.
    """
    asked = ["audio"] if recording.options.get("audio_only") else ["video", "audio"]
    missing = [kind for kind in asked if kind not in streams]
    if missing and recording.origin == "api":
        yield f"it has no {' and no '.join(missing)}"
    if recording.duration_ms and _differ(recording.duration_ms, duration_ms):
        yield f"it lasts {duration_ms / 1000:.1f} s, the recorder said {recording.duration_ms / 1000:.1f} s"
    if span_ms is not None:
        yield from _lost_time(recording, span_ms, duration_ms, pauses)


def _lost_time(recording: Recording, span_ms: Span, duration_ms: int, pauses: Pauses) -> Iterator[str]:
    began_ms, ended_ms = span_ms
    most_ms, least_ms = ended_ms - began_ms, outside(began_ms, ended_ms, pauses)
    lost_within_ms = min(recording.lost_ms, max(0, least_ms - duration_ms))
    recorded_ms = min(max(duration_ms, least_ms - lost_within_ms), most_ms)
    if _differ(recorded_ms, duration_ms):
        yield f"it lasts {duration_ms / 1000:.1f} s, and {recorded_ms / 1000:.1f} s were recorded"
    if recording.stopped_at_ms is None or recording.origin != "api":
        return
    early_ms = outside(ended_ms, recording.stopped_at_ms, pauses) - (recording.lost_ms - lost_within_ms)
    if early_ms > _slack_ms(recorded_ms):
        yield f"it ends {early_ms / 1000:.1f} s before it was stopped"


def _differ(wanted_ms: int, found_ms: int) -> bool:
    return abs(wanted_ms - found_ms) > _slack_ms(wanted_ms)


def _slack_ms(length_ms: int) -> float:
    return max(_SLACK_MS, length_ms * _SLACK)
