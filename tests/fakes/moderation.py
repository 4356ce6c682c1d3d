"""A provider and a view into rooms that say what they were told to."""

from collections.abc import Mapping, Sequence

from rtcstack.errors import RtcError
from rtcstack.ports.moderation import Judgement


class FakeModerator:
    """Pictures are words: `nsfw 0.9` is a finding of that category and likelihood, anything else is harmless."""

    provider = "fake"
    model = "a model"

    def __init__(self) -> None:
        self.looks: list[list[bytes]] = []
        self._failures: list[RtcError] = []

    def fail_next(self, error: RtcError) -> None:
        self._failures.append(error)

    async def open(self) -> None:
        return

    async def close(self) -> None:
        return

    async def look(self, pictures: Sequence[bytes]) -> Sequence[Judgement]:
        if self._failures:
            raise self._failures.pop(0)
        self.looks.append(list(pictures))
        words = [picture.decode().split() for picture in pictures]
        return [Judgement(n, word[0], float(word[1])) for n, word in enumerate(words) if len(word) > 1]


class FakeRoomView:
    def __init__(self) -> None:
        self.shown: dict[str, bytes] = {}
        """By the room's name in LiveKit."""
        self.asked: list[list[str]] = []
        self.crowded = False

    def is_crowded(self) -> bool:
        return self.crowded

    async def pictures(self, room_names: Sequence[str]) -> Mapping[str, bytes]:
        self.asked.append(list(room_names))
        return {name: self.shown[name] for name in room_names if name in self.shown}
