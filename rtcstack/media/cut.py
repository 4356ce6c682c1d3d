"""Cutting a clip: what may be asked for, which pieces of the recording it takes, and how it is made."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from rtcstack.errors import Invalid
from rtcstack.media.h264 import Disagreement
from rtcstack.media.opening import Recording
from rtcstack.media.order import CutDone, CutTask
from rtcstack.media.piece import Piece
from rtcstack.media.reencode import reencode
from rtcstack.media.smart import smart_cut
from rtcstack.ports.media import CutMode

_ROUNDING_S: Final = Fraction(1, 20)
"""So far may an end lie behind the recording's: durations are told in rounded figures."""


def cut(recording: Recording, task: CutTask, on_progress: Callable[[float], None]) -> CutDone:
    """Raises `Invalid` (`invalid_range`) for a range that the recording does not have."""
    begin_s, end_s = _range(task, recording.end_s)
    pieces = _covering(recording.pieces, begin_s, end_s)
    mode = _write(pieces, begin_s, end_s, task, on_progress)
    return CutDone(
        duration_ms=_duration_ms(task.out),
        size_bytes=task.out.stat().st_size,
        mode=mode,
        bytes_read=recording.bytes_read,
    )


def _duration_ms(file: Path) -> int:
    with av.open(str(file)) as made:
        return (made.duration or 0) * 1000 // av.time_base


def _range(task: CutTask, length_s: Fraction) -> tuple[Fraction, Fraction]:
    begin_s, end_s = Fraction(task.start_s), Fraction(task.end_s)
    if end_s > length_s + _ROUNDING_S or begin_s >= length_s:
        told = f"The clip ends at {task.end_s:g} s, the recording at {float(length_s):.3f} s."
        raise Invalid(told, code="invalid_range")
    return begin_s, min(end_s, length_s)


def _covering(pieces: Sequence[Piece], begin_s: Fraction, end_s: Fraction) -> list[Piece]:
    return [piece for piece in pieces if piece.begin_s < end_s and piece.end_s > begin_s]


def _write(
    pieces: Sequence[Piece],
    begin_s: Fraction,
    end_s: Fraction,
    task: CutTask,
    on_progress: Callable[[float], None],
) -> CutMode:
    if task.mode == "smart" and len(pieces) == 1:
        try:
            smart_cut(pieces[0], begin_s, end_s, task.out, on_progress)
        except Disagreement:
            task.out.unlink(missing_ok=True)
        else:
            return "smart"
    reencode(pieces, begin_s, end_s, task.out, on_progress)
    return "reencode"
