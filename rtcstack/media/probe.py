"""What a recording is, by its container's own index; its media is not read."""

import av

from rtcstack.egress.container.stream_info import in_a_word
from rtcstack.egress.container.streams import describe
from rtcstack.errors import PartRefused
from rtcstack.media.fetch import PART
from rtcstack.media.opening import Recording
from rtcstack.media.order import ProbeDone


def probe(recording: Recording) -> ProbeDone:
    """Return its length and its streams.

    Raises:
        PartRefused: the container says nothing of its length (`unreadable_media`).
    """
    [*before, last] = recording.pieces
    told_s = (last.container.duration or 0) / av.time_base if not before else 0.0
    duration_ms = round(1000 * (told_s or float(recording.end_s)))
    if duration_ms <= 0:
        raise PartRefused("It does not say how long it is.", part=PART, code="unreadable_media")
    streams = [describe(stream) for stream in last.streams]
    return ProbeDone(duration_ms, {stream.kind: in_a_word(stream) for stream in streams})
