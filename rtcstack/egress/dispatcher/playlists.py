"""HLS playlists (RFC 8216) of the segments that the store has: of all, and of the last few for who watches live."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from rtcstack.egress.outputs import SegmentsOutput

CONTENT_TYPE: Final = "application/x-mpegurl"
LIVE_WINDOW: Final = 5
"""How many segments the live playlist names, as LiveKit's Egress has it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment as a playlist names it."""

    name: str
    """Relative to the playlist."""
    duration_ms: int
    wall_ns: int
    part: int
    size_bytes: int = 0
    index: int = 0


def playlist(output: SegmentsOutput, segments: Sequence[Listed], *, is_ended: bool) -> str:
    """Return the playlist of everything so far; each version begins with the one before."""
    head = ["#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-MEDIA-SEQUENCE:0"]
    return _text(output, head, segments, None, is_ended=is_ended)


def live_playlist(output: SegmentsOutput, segments: Sequence[Listed], *, is_ended: bool) -> str:
    """Return the playlist of the last few segments."""
    first = max(0, len(segments) - LIVE_WINDOW)
    before = segments[first - 1] if first else None
    gone = sum(one.part != other.part for one, other in itertools.pairwise(segments[:first]))
    head = [f"#EXT-X-MEDIA-SEQUENCE:{first}", *([f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone}"] if gone else [])]
    return _text(output, head, segments[first:], before, is_ended=is_ended)


def _text(
    output: SegmentsOutput,
    head: Sequence[str],
    segments: Sequence[Listed],
    before: Listed | None,
    *,
    is_ended: bool,
) -> str:
    longest_s = max((math.floor(segment.duration_ms / 1000 + 0.5) for segment in segments), default=0)
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-ALLOW-CACHE:NO", "#EXT-X-INDEPENDENT-SEGMENTS", *head]
    lines.append(f"#EXT-X-TARGETDURATION:{max(output.duration_s, longest_s)}")
    for segment in segments:
        if before is not None and segment.part != before.part:
            lines.append("#EXT-X-DISCONTINUITY")
        before = segment
        if segment.wall_ns:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_instant(segment.wall_ns)}")
        lines += [f"#EXTINF:{segment.duration_ms / 1000:.3f},", quote(segment.name)]
    if is_ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join([*lines, ""])


def _instant(wall_ns: int) -> str:
    at = datetime.fromtimestamp(wall_ns // 1_000_000 / 1000, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
