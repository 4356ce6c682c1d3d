"""Looking at pictures of moderated halls: who judges them, and where pictures of running halls come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Judgement:
    """What a provider says of one picture."""

    picture: int
    """Which of those it was shown, from 0."""
    category: str
    likelihood: float
    """From 0 to 1; how sure that is differs from provider to provider."""


class Moderator(Protocol):
    """A provider. It works outside this process, one call after the other."""

    @property
    def provider(self) -> str:
        """Return its name, as in the setting."""
        ...

    @property
    def model(self) -> str:
        """Return what exactly judges: the SHA-256 of a model, or nothing where the provider does not tell."""
        ...

    async def open(self) -> None:
        """Get ready.

        Raises:
            Invalid: the settings do not lead to something that works; the message says which.
            PartUnavailable: it did not get ready in time.
        """
        ...

    async def close(self) -> None: ...

    async def look(self, pictures: Sequence[bytes]) -> Sequence[Judgement]:
        """Judge JPEG pictures; one that cannot be decoded is passed over.

        Raises:
            PartUnavailable: the provider does not answer, or has no quota left for now: later it may.
            PartRefused: the provider refuses the request or the credentials.
        """
        ...


class RoomView(Protocol):
    def is_crowded(self) -> bool:
        """Return whether more wants to run on this machine than it has cores for."""
        ...

    async def pictures(self, room_names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is to be seen now in each of these LiveKit rooms, composed as in a recording, as JPEG.

        Nobody in the rooms notices. Left out are rooms without pictures and those that could not be joined.

        Raises:
            PartUnavailable: whatever looks has failed.
        """
        ...
