"""What media processes report, and how they end, in the words of our error tree."""

import signal
from typing import Final

from rtcstack import log
from rtcstack.errors import (
    DiskFull,
    Internal,
    Invalid,
    ObjectNotFound,
    PartRefused,
    PartUnavailable,
    RtcError,
)
from rtcstack.media.fetch import PART
from rtcstack.media.order import Failed

_log = log.get(__name__)
_UPSTREAM: Final = {kind.__name__: kind for kind in (ObjectNotFound, PartRefused, PartUnavailable)}
_PLAIN: Final = {kind.__name__: kind for kind in (Invalid, DiskFull)}
_BROKEN_INPUT: Final = frozenset(
    {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
)


def as_error(failed: Failed) -> RtcError:
    if failed.kind == PartRefused.__name__ and failed.where:
        _log.warning("media_unreadable", where=failed.where)
    if upstream := _UPSTREAM.get(failed.kind):
        return upstream(failed.message, part=PART, code=failed.code)
    if plain := _PLAIN.get(failed.kind):
        return plain(failed.message, code=failed.code)
    _log.error("media_process_failed", error=failed.message, where=failed.where)
    return Internal(failed.message, code=failed.code)


def ended_without_answer(status: int) -> RtcError:
    """Tell a decoder that died of what it read from a process that somebody, or a lack of memory, killed."""
    if -status in _BROKEN_INPUT:
        return PartRefused("The recording cannot be decoded.", part=PART, code="unreadable_media")
    return PartUnavailable(f"The media process ended with status {status}.", part="media")
