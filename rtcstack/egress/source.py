"""What a recording takes its pictures and sounds from: the whole room, one participant, or certain tracks."""

from typing import Literal

import msgspec

Show = Literal["camera", "screen", "screen_or_camera"]
"""Which of a participant's pictures: a screen that is preferred gives way to the camera when there is none."""


class Video(msgspec.Struct, frozen=True):
    """One picture that fills the frame: the track with this id, or a participant's."""

    track_id: str = ""
    identity: str = ""
    show: Show = "camera"


class Audio(msgspec.Struct, frozen=True):
    """Sounds that are mixed: everybody's, or certain tracks' and participants'."""

    is_everyones: bool = False
    track_ids: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    """Their microphones, or what their screens sound like if `of_screens`."""
    of_screens: bool = False


class Source(msgspec.Struct, frozen=True):
    """Without anything it is the whole room, composed by a layout; otherwise only what is named."""

    video: Video | None = None
    audio: Audio | None = None
    track_id: str = ""
    """A single track, of which only the room knows whether it is a picture or a sound. A picture keeps its size."""

    @property
    def is_room(self) -> bool:
        return self == WHOLE_ROOM

    @property
    def track_ids(self) -> frozenset[str]:
        """Return the tracks that are meant by their ids."""
        named = {self.track_id, self.video.track_id if self.video else ""}
        return frozenset({*named, *(self.audio.track_ids if self.audio else ())} - {""})

    @property
    def identities(self) -> frozenset[str]:
        """Return the participants that are meant."""
        named = {self.video.identity if self.video else ""}
        return frozenset({*named, *(self.audio.identities if self.audio else ())} - {""})

    def __str__(self) -> str:
        named = [f"participant {name}" for name in sorted(self.identities)]
        named += [f"track {name}" for name in sorted(self.track_ids)]
        return ", ".join(named) or "the room"


WHOLE_ROOM = Source()
