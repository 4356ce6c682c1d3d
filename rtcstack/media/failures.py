"""What goes wrong in a media process, as the answer it gives. No text of a library is told: it may carry a link."""

import errno
import traceback
from typing import Final

import av.error

from rtcstack.errors import DiskFull, Internal, Invalid, ObjectNotFound, PartRefused, PartUnavailable
from rtcstack.media.order import Failed

_OURS: Final = (Invalid, ObjectNotFound, PartRefused, PartUnavailable)  # the special before the general
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def as_answer(error: Exception) -> Failed:
    for kind in _OURS:
        if isinstance(error, kind):
            return Failed(kind.__name__, error.word, error.message)
    if isinstance(error, OSError) and error.errno in _FULL:
        return Failed(
            DiskFull.__name__, DiskFull.code, "There is no room on the disk for what is being made."
        )
    if isinstance(error, av.error.FFmpegError):
        return Failed(
            PartRefused.__name__, "unreadable_media", "The recording cannot be decoded.", _where(error)
        )
    return Failed(
        Internal.__name__, Internal.code, f"{type(error).__name__} in the media process.", _where(error)
    )


def _where(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
