"""What keeps an egress's file from the store, as LiveKit is told of it."""

import time
from typing import Final

from livekit.protocol.egress import EgressInfo

from rtcstack.egress.dispatcher import info as infos

_LASTS_S: Final = 180.0
"""Tries that fail come closer together: when none has failed for so long the store is taking the file."""
_TOLD_EVERY_S: Final = 60.0


class Waiting:
    """Of one egress: `note` what it waits for, after each try that failed; `end` it when nothing is waited for any more."""

    def __init__(self) -> None:
        self._lasts_until_s = self._told_again_from_s = 0.0

    @property
    def lasts(self) -> bool:
        return time.monotonic() < self._lasts_until_s

    def note(self, info: EgressInfo, words: str) -> bool:
        """Return whether LiveKit is to be told: the words were others before, but are not told all the time."""
        now_s = time.monotonic()
        self._lasts_until_s = now_s + _LASTS_S
        if now_s < self._told_again_from_s or infos.says_waiting(info, words):
            return False
        self._told_again_from_s = now_s + _TOLD_EVERY_S
        infos.waiting(info, words, time.time_ns())
        return True

    def end(self, info: EgressInfo) -> bool:
        """Return whether LiveKit is to be told, as it was told of something that kept the file waiting."""
        self._lasts_until_s = self._told_again_from_s = 0.0
        return infos.waits_no_more(info, time.time_ns())
