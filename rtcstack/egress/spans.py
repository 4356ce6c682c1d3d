"""Which instant of a part is which wall time, read from what its recorder left beside it."""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtcstack.egress.job import Span, spans_path

_MS = 1_000_000


def read_spans(folder: Path, part: int) -> tuple[Span, ...]:
    """Return a part's spans; empty when nothing was recorded in it."""
    path = spans_path(folder / f"part-{part}.mp4")
    return msgspec.json.decode(path.read_bytes(), type=tuple[Span, ...]) if path.exists() else ()


def wall_ns(spans: Sequence[Span], pts_ms: int) -> int:
    """Return the wall time of an instant of the part; 0 when it is not known."""
    if not spans:
        return 0
    span = spans[max(0, bisect_right(spans, pts_ms, key=lambda span: span.pts_ms) - 1)]
    return span.wall_ns + (pts_ms - span.pts_ms) * _MS
