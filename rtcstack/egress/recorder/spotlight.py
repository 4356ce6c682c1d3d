"""Who is large: the change waits until the next one's picture is there, so that no empty place is seen in between."""

from collections.abc import Callable, Sequence

from rtcstack.egress.recorder.selection import Seen

_PATIENCE_NS = 800_000_000
"""A keyframe comes within half a second of subscribing."""


class Spotlight:
    def __init__(self, has_picture: Callable[[str], bool]) -> None:
        """`has_picture` tells whether a picture of the track with that id has come."""
        self._has_picture = has_picture
        self._on = ""
        self._since_ns: int | None = None
        self.coming: Seen | None = None
        """Who will be large as soon as the picture is there."""

    def turn(self, people: Sequence[Seen], now_ns: int) -> list[Seen]:
        """Return the people with whoever is large at their head; they come with whoever is to be large at it."""
        self.coming = None
        if not people or self._may_turn(people, now_ns):
            self._on, self._since_ns = people[0].key if people else "", None
            return list(people)
        self.coming = people[0]
        return sorted(people, key=lambda seen: seen.key != self._on)

    def rest(self) -> None:
        """Wait for nobody: just now nobody's picture is large for having the floor."""
        self.coming, self._since_ns = None, None

    def _may_turn(self, people: Sequence[Seen], now_ns: int) -> bool:
        first = people[0]
        if first.key == self._on or self._on not in {seen.key for seen in people}:
            return True
        if first.publication is None or first.publication.muted or self._has_picture(first.key):
            return True
        self._since_ns = now_ns if self._since_ns is None else self._since_ns
        return now_ns - self._since_ns >= _PATIENCE_NS
