"""Pictures of a recording at an interval, for those who have to look at it."""

from fractions import Fraction
from typing import Final

import av

from rtcstack.errors import Invalid
from rtcstack.media.jpeg import scaled, write_jpeg
from rtcstack.media.keyframes import Keyframe, decoded, moments, nearest_keyframe
from rtcstack.media.opening import Recording
from rtcstack.media.order import SnapshotDone, SnapshotsDone, SnapshotsTask

_WIDEST_PX: Final = 640
_SHORTEST_S, _LONGEST_S = 0.1, 24 * 3600


def take_snapshots(recording: Recording, task: SnapshotsTask) -> SnapshotsDone:
    """Write the keyframe next to each multiple of the interval, none twice; or the last one alone.

    Raises:
        Invalid: `no_video`, or an interval that is none.
    """
    if task.interval_s is None:
        instants = [recording.end_s]
    elif _SHORTEST_S <= task.interval_s <= _LONGEST_S:
        instants = moments(recording, Fraction(task.interval_s))
    else:
        raise Invalid(f"Pictures are taken every {_SHORTEST_S} to {_LONGEST_S} s.", code="invalid_interval")
    wanted = dict.fromkeys(nearest_keyframe(recording, at_s) for at_s in instants)
    taken = []
    for keyframe, frame in decoded(list(wanted)):
        position_ms = max(round(_shown_s(keyframe, frame) * 1000), 0)
        file = task.folder / f"{position_ms}.jpg"
        write_jpeg(scaled(frame, min(frame.width, _WIDEST_PX)), file)
        taken.append(SnapshotDone(position_ms, file))
    return SnapshotsDone(tuple(taken))


def _shown_s(keyframe: Keyframe, frame: av.VideoFrame) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        return keyframe.time_s
    return keyframe.piece.time_s(frame.pts, frame.time_base)
