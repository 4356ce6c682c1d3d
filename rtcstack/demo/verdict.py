"""Holds what was found in a recording against what should be in it: one sentence for each difference."""

from dataclasses import dataclass

from rtcstack.demo.inspect import Inspection
from rtcstack.demo.tone import frequency_hz

_RATE_TOLERANCE = 0.5
"""Fewer than 2 % of the pictures: a machine that had a hiccup records well."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the recording should be; durations may differ by `tolerance_s`."""

    participants: list[int]
    duration_s: float
    size_bytes: int | None = None
    tolerance_s: float = 1.0
    width: int = 1280
    height: int = 720
    framerate: int = 30
    min_share: float = 0.6
    """Of the recording in which each must be seen and heard; joining and leaving take the rest."""


def stream_faults(facts: Inspection, expected: Expected) -> list[str]:
    """Name what is wrong with the container: its streams and their size."""
    out = []
    if facts.video is None:
        out.append("The file has no video stream.")
    elif (facts.width, facts.height) != (expected.width, expected.height):
        out.append(
            f"The picture is {facts.width}x{facts.height}, expected {expected.width}x{expected.height}."
        )
    if facts.audio is None:
        out.append("The file has no audio stream.")
    return out


def rate_faults(facts: Inspection, expected: Expected) -> list[str]:
    """Name a frame rate that is not as ordered: on a machine that cannot keep up pictures are left out, and nothing else."""
    if facts.video and abs(facts.framerate - expected.framerate) > _RATE_TOLERANCE:
        return [f"The frame rate is {facts.framerate:.2f}, expected {expected.framerate}."]
    return []


def length_faults(facts: Inspection, expected: Expected) -> list[str]:
    """Name what is wrong with the file's size and with the length of the whole and of each stream."""
    out = []
    if expected.size_bytes is not None and facts.size_bytes != expected.size_bytes:
        out.append(f"The file has {facts.size_bytes} bytes, expected {expected.size_bytes}.")
    lengths = {"recording": facts.duration_s}
    if facts.video:
        lengths["video"] = facts.video.duration_s
    if facts.audio:
        lengths["audio"] = facts.audio.duration_s
    for name, length_s in lengths.items():
        if abs(length_s - expected.duration_s) > expected.tolerance_s:
            out.append(f"The {name} lasts {length_s:.2f} s, expected {expected.duration_s:.2f} s.")
    return out


def picture_faults(facts: Inspection, expected: Expected) -> list[str]:
    """Name each participant whose picture is missing, seen too seldom, or stands still."""
    out = []
    for index in expected.participants:
        seen = facts.seen.get(index)
        if seen is None or not seen.pictures:
            out.append(f"The picture of participant {index} is nowhere in the recording.")
        elif seen.share < expected.min_share:
            out.append(f"The picture of participant {index} is in only {seen.share:.0%} of the frames.")
        elif seen.pictures < facts.duration_s * expected.min_share:
            out.append(f"The picture of participant {index} stands still: {seen.pictures} different ones.")
    return out


def tone_faults(facts: Inspection, expected: Expected) -> list[str]:
    """Name each participant whose tone is missing or heard too seldom."""
    out = []
    for index in expected.participants:
        heard = facts.heard.get(index)
        tone = f"The tone of participant {index} ({frequency_hz(index)} Hz)"
        if heard is None or heard.share == 0:
            out.append(f"{tone} is nowhere in the recording.")
        elif heard.share < expected.min_share:
            out.append(f"{tone} is in only {heard.share:.0%} of the recording.")
    return out


def faults(facts: Inspection, expected: Expected) -> list[str]:
    """Return everything that is not as expected, one sentence each; empty when the recording is right."""
    return [
        *stream_faults(facts, expected),
        *rate_faults(facts, expected),
        *length_faults(facts, expected),
        *picture_faults(facts, expected),
        *tone_faults(facts, expected),
    ]
