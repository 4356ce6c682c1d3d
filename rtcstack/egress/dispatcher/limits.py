"""What the limits of the settings leave for the next part of a recording."""

from pathlib import Path

import msgspec

from rtcstack.domain.pauses import Pauses, outside
from rtcstack.egress.job import RecordingJob
from rtcstack.egress.ledger import Ledger
from rtcstack.egress.spans import spans_beside


def within(job: RecordingJob, parts: tuple[Path, ...], pauses: Pauses = ()) -> RecordingJob:
    """Return the job with what the parts before it have left: of a limit that is reached, the least there can be.

    `pauses` are of wall time, in ns.
    """
    if not parts or not (job.max_duration_ms or job.max_bytes):
        return job
    return msgspec.structs.replace(
        job,
        max_duration_ms=_left(job.max_duration_ms, sum(_duration_ms(part, pauses) for part in parts)),
        max_bytes=_left(job.max_bytes, _size_bytes(job, parts)),
    )


def _size_bytes(job: RecordingJob, parts: tuple[Path, ...]) -> int:
    if job.outputs.file == "none":
        return sum(entry.size_bytes for entry in Ledger(job.folder).read())
    return sum(part.stat().st_size for part in parts)


def _left(limit: int, used: int) -> int:
    return max(1, limit - used) if limit else 0


def _duration_ms(part: Path, pauses: Pauses) -> int:
    """Return how long a part is, by its last span and when it was last written to: a killed one does not say it itself.

    One that ended in a pause was written to once more when it was closed.
    """
    spans = spans_beside(part)
    if not spans:
        return 0
    return spans[-1].pts_ms + outside(spans[-1].wall_ns, part.stat().st_mtime_ns, pauses) // 1_000_000
