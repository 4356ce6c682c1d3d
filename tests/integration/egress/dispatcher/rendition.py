"""Reads an HLS rendition back as a player does: what the playlist says, and what is really in its segments."""

import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import av

_ADTS = 7


@dataclass(frozen=True)
class Named:
    """A segment as the playlist names it."""

    name: str
    duration_s: float
    wall_s: float


@dataclass(frozen=True)
class Playlist:
    segments: list[Named]
    target_s: int
    sequence: int
    is_ended: bool

    @classmethod
    def parse(cls, text: str) -> "Playlist":
        lines = text.splitlines()
        assert lines[0] == "#EXTM3U"
        tags = dict(line[1:].partition(":")[::2] for line in lines if line.startswith("#"))
        found = re.findall(r"#EXT-X-PROGRAM-DATE-TIME:(\S+)\n#EXTINF:([\d.]+),\n([^#\s]+)", text)
        segments = [Named(name, float(s), datetime.fromisoformat(at).timestamp()) for at, s, name in found]
        assert len(segments) == text.count("#EXTINF"), "each has its wall time"
        target_s, sequence = int(tags["EXT-X-TARGETDURATION"]), int(tags["EXT-X-MEDIA-SEQUENCE"])
        return cls(segments, target_s, sequence, lines[-1] == "#EXT-X-ENDLIST")


def times(path: Path, kind: str) -> list[float]:
    """Return the time stamps of all decoded frames of one kind, in seconds."""
    # A segment of a single picture is too short to be recognised; whoever plays a list knows what its segments are.
    with av.open(str(path), format="mpegts" if path.suffix == ".ts" else None) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        return [float(frame.pts * frame.time_base) for frame in container.decode(streams)]


def sound_packets(path: Path) -> list[bytes]:
    """Return the content of every packet of sound; in a transport stream each has an ADTS header."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        header = _ADTS if container.format.name == "mpegts" else 0
        return [bytes(packet)[header:] for packet in container.demux(stream) if packet.size]


def played(playlist: Path, out: Path) -> Path:
    """Have ffmpeg play the playlist from its first to its last segment, without encoding anything anew."""
    command = [
        "ffmpeg",
        "-v",
        "warning",
        "-y",
        "-allowed_extensions",
        "ALL",
        "-i",
        str(playlist),
        "-c",
        "copy",
        str(out),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "discontinu" not in told.lower(), told
    return out
