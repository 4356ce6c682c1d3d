"""Opens a recording and states what is in it: streams, lengths, whose picture and whose tone, when."""

from dataclasses import dataclass, field
from pathlib import Path

import av

from rtcstack.demo import hearing, sight
from rtcstack.demo.picture import NUMBERS


class InspectionError(Exception):
    """The file cannot be opened or decoded; the message has libav's reason."""


@dataclass(frozen=True, slots=True)
class Stream:
    codec: str
    duration_s: float
    start_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one participant's picture."""

    share: float
    """Of the frames looked at."""
    pictures: int
    """Different pictures among them, told apart by the number in the mark."""
    first_s: float | None
    last_s: float | None
    tile: sight.Tile | None
    """Where it was seen last."""


@dataclass(frozen=True, slots=True)
class Inspection:
    size_bytes: int
    duration_s: float
    video: Stream | None
    audio: Stream | None
    width: int = 0
    height: int = 0
    framerate: float = 0.0
    seen: dict[int, Seen] = field(default_factory=dict)
    heard: dict[int, hearing.Heard] = field(default_factory=dict)


def _stream(stream: av.VideoStream | av.AudioStream) -> Stream:
    base = stream.time_base
    duration_s = float(stream.duration * base) if stream.duration and base else 0.0
    return Stream(stream.codec_context.name, duration_s, float((stream.start_time or 0) * (base or 0)))


def _summary(frames: list[sight.Frame], index: int) -> Seen:
    found = [frame.seen[index] for frame in frames if index in frame.seen]
    if not found:
        return Seen(0.0, 0, None, None, None)
    numbers = {sighting.number % NUMBERS for sighting in found}
    return Seen(len(found) / len(frames), len(numbers), found[0].time_s, found[-1].time_s, found[-1].tile)


def inspect(file: Path, participants: list[int], *, every: int = 5) -> Inspection:
    """Decode all of the file's sound and video, look for pictures in every `every`-th frame.

    Raises:
        InspectionError: when it is not a media file, or is damaged.
    """
    try:
        with av.open(str(file)) as container:
            video = container.streams.video[0] if container.streams.video else None
            audio = container.streams.audio[0] if container.streams.audio else None
            facts = Inspection(
                size_bytes=file.stat().st_size,
                duration_s=(container.duration or 0) / av.time_base,
                video=_stream(video) if video else None,
                audio=_stream(audio) if audio else None,
                width=video.width if video else 0,
                height=video.height if video else 0,
                framerate=float(video.average_rate or 0) if video else 0.0,
            )
        frames = list(sight.look(file, participants, every=every)) if facts.video else []
        samples = hearing.load(file) if facts.audio else None
    except (av.FFmpegError, OSError) as e:
        raise InspectionError(f"{file} cannot be decoded: {e}") from e
    facts.seen.update((index, _summary(frames, index)) for index in participants)
    if samples is not None:
        facts.heard.update((index, hearing.listen(samples, index)) for index in participants)
    return facts
