"""Which instant of a part is which wall time, read from what its recorder left beside it."""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtcstack.egress.job import Span, spans_path

_MS = 1_000_000


def spans_beside(file: Path) -> tuple[Span, ...]:
    """Return a part's spans; empty when nothing was recorded in it, or when a crash of the machine spoilt them."""
    try:
        return msgspec.json.decode(spans_path(file).read_bytes(), type=tuple[Span, ...])
    except (FileNotFoundError, msgspec.DecodeError):
        return ()


def read_spans(folder: Path, part: int) -> tuple[Span, ...]:
    """Return the spans of the part of that number, as `spans_beside` does."""
    return spans_beside(folder / f"part-{part}.mp4")


def wall_ns(spans: Sequence[Span], pts_ms: int) -> int:
    """Return the wall time of an instant of the part; 0 when it is not known."""
    if not spans:
        return 0
    span = spans[max(0, bisect_right(spans, pts_ms, key=lambda span: span.pts_ms) - 1)]
    return span.wall_ns + (pts_ms - span.pts_ms) * _MS
