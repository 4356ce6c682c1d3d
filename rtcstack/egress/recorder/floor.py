"""Who has the floor: the order in which people spoke, without jumping from one to the other at every cough."""

from collections.abc import Iterable, Sequence

from rtcstack.egress.recorder.clock import NS

_HOLD_NS = 2 * NS
"""Whoever got the floor keeps it for so long, whoever else speaks."""


class Floor:
    """Fed with all who speak, the loudest first; all times are monotonic."""

    def __init__(self) -> None:
        self._speaking: tuple[str, ...] = ()
        self._recent: list[str] = []
        self._since_ns = -_HOLD_NS
        self.holder = ""
        """Empty until somebody has spoken."""

    def hear(self, speaking: Sequence[str]) -> None:
        """Take in everybody who is speaking now; whoever begins to comes before those who go on, whose order stays."""
        begun = [identity for identity in speaking if identity not in self._speaking]
        before = [identity for identity in self._recent if identity not in begun]
        self._recent = [*begun, *sorted(before, key=lambda identity: identity not in speaking)]
        self._speaking = tuple(speaking)

    def keep(self, present: Iterable[str]) -> None:
        """Forget everybody who is not present."""
        here = set(present)
        self._speaking = tuple(identity for identity in self._speaking if identity in here)
        self._recent = [identity for identity in self._recent if identity in here]
        if self.holder not in here:
            self.holder, self._since_ns = "", -_HOLD_NS

    def settle(self, now_ns: int) -> int | None:
        """Decide who has the floor; return in how many nanoseconds to decide again, None when that is settled.

        The holder keeps it while speaking and while nobody does, and for two seconds in any case.
        """
        if not self._speaking or self.holder in self._speaking:
            return None
        held_ns = now_ns - self._since_ns
        if held_ns < _HOLD_NS:
            return _HOLD_NS - held_ns
        self.holder, self._since_ns = self._speaking[0], now_ns
        return None

    def is_speaking(self, identity: str) -> bool:
        return identity in self._speaking

    def rank(self, identity: str) -> int:
        """Return a number that is smaller the later somebody spoke; equal for all who have not spoken."""
        if identity == self.holder:
            return -1
        return self._recent.index(identity) if identity in self._recent else len(self._recent)
