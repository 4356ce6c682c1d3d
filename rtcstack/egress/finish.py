"""From what recorders left to one file that can be uploaded: salvage and joining are the same work."""

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av

from rtcstack.disk import sync
from rtcstack.egress.container.boxes import Outline, read_outline
from rtcstack.egress.container.index import build_index, write_index
from rtcstack.egress.container.remux import Source, join
from rtcstack.egress.container.streams import describe
from rtcstack.egress.finished import Finished, draft_of, lacks_room
from rtcstack.egress.job import Span
from rtcstack.egress.spans import spans_beside
from rtcstack.errors import RtcError

OGG: Final = ".ogg"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class NothingRecorded(RtcError):
    """No part holds any media: the recorder died before its first fragment."""

    code = "nothing_recorded"


def finish(parts: Sequence[Path], out: Path) -> Finished:
    """Make `out` from the parts of one recording, in order, and write its index beside it; an OGG if its name says so.

    One intact part is linked, not copied. Anything else is copied packet by packet, without decoding and without
    holding a file in memory; parts with no media at all are left out. The parts stay as they are, and a call that
    was cut short can simply be repeated. Blocking: call it in a process or thread of its own.

    Raises:
        NothingRecorded: there is no media in any part.
        PartsDiffer: the parts were encoded with different parameters.
        OSError: reading or writing failed; ENOSPC, and nothing is written, when the disk has no room for the parts once more.
    """
    found = [(part, read_outline(part)) for part in parts]
    usable = [(part, outline) for part, outline in found if outline.media_end]
    if not usable:
        raise NothingRecorded(f"there is no media in {', '.join(str(part) for part in parts) or 'no part'}")
    begins_ms = _produce(usable, out)
    spans = _spans([part for part, _ in usable], begins_ms)
    recovered = not all(outline.is_intact for _, outline in found)
    if out.suffix == OGG:
        return _finished_sound(out, spans, recovered=recovered)
    index = build_index(out, spans)
    return Finished(
        path=str(out),
        index_path=str(write_index(out, index)),
        size_bytes=index.size_bytes,
        duration_ms=index.duration_ms,
        streams=index.streams,
        spans=index.spans,
        recovered=recovered,
    )


def _finished_sound(out: Path, spans: tuple[Span, ...], *, recovered: bool) -> Finished:
    """An OGG needs no index beside it: players find their way in it by its pages."""
    with av.open(str(out)) as container:
        streams = tuple(describe(stream) for stream in container.streams)
    duration_ms = max(stream.duration_ms for stream in streams)
    return Finished(str(out), "", out.stat().st_size, duration_ms, streams, spans, recovered)


def is_passing(fault: Exception, parts: Sequence[Path], out: Path) -> bool:
    """Whether `finish` failed for want of room on the disk: a later try may succeed.

    A library that was cut short in writing does not always say so; what the parts themselves lack is never passing.
    """
    if isinstance(fault, RtcError):
        return False
    return getattr(fault, "errno", None) in _FULL or lacks_room(parts, out)


def _produce(usable: Sequence[tuple[Path, Outline]], out: Path) -> list[int]:
    """Put the file at `out`, complete or not at all; return where each part begins in it."""
    draft = draft_of(out)
    draft.unlink(missing_ok=True)
    (first, outline), *more = usable
    if outline.is_intact and not more and out.suffix != OGG and _link(first, out):
        return [0]
    if lacks_room([part for part, _ in usable], out):  # it would take what recordings that run need
        raise OSError(errno.ENOSPC, "there is no room for the parts once more")
    out.unlink(missing_ok=True)  # made of these very parts, by a try that came no further
    try:
        sources = [Source(part, outline.media_end) for part, outline in usable]
        begins_ms = join(sources, draft, "ogg" if out.suffix == OGG else "mp4")
        sync(draft)
    except BaseException:
        draft.unlink(missing_ok=True)  # a full disk has no room for it
        raise
    draft.replace(out)
    sync(out.parent)
    return begins_ms


def _link(part: Path, out: Path) -> bool:
    """Give an intact part its final name as well; False where the file system knows no links."""
    if out.exists() and out.samefile(part):
        return True
    out.unlink(missing_ok=True)
    try:
        out.hardlink_to(part)
    except OSError:
        return False
    sync(out.parent)
    return True


def _spans(parts: Sequence[Path], begins_ms: Sequence[int]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for part, begin_ms in zip(parts, begins_ms, strict=True):
        for n, span in enumerate(spans_beside(part)):
            after = "loss" if n == 0 and joined else span.after
            joined.append(Span(span.wall_ns, span.pts_ms + begin_ms, after))
    return tuple(joined)
