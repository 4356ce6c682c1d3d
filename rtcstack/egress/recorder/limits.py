"""How large an open file may become, so that it is not larger than it may be when it is closed.

Without a file it is what the segments and images come to; the segment under way is taken for as large as it may become.
"""

from typing import Final

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.media import RATE_HZ
from rtcstack.egress.recorder.mixer import BLOCK

_INDEX_BYTES: Final = 10
"""What closing the file adds for each picture and block of sound; 6.5 were measured."""
_UNDER_WAY_S: Final = 3
"""So much is written after the size was looked at: looked once a second, and the rate may be exceeded for a moment."""


def is_reached(job: RecordingJob, size_bytes: int, duration_ms: int) -> bool:
    """Whether a file that is so large and so long has to be closed now."""
    if not job.max_bytes:
        return False
    encoding = job.encoding
    samples_per_s = encoding.framerate + RATE_HZ // BLOCK
    index_bytes = _INDEX_BYTES * samples_per_s * duration_ms // 1000
    segments = job.outputs.segments if job.outputs.file == "none" else None
    under_way_s = _UNDER_WAY_S + (segments.duration_s if segments else 0)
    under_way_bytes = under_way_s * (encoding.video_bitrate_bps + encoding.audio_bitrate_bps) // 8
    return size_bytes + index_bytes + under_way_bytes >= job.max_bytes
