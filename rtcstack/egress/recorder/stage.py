"""What is to be seen and heard now. The room's side replaces it as a whole, the conductor's side reads it."""

from dataclasses import dataclass

from rtcstack.egress.recorder.media import AudioInlet, VideoInlet


@dataclass(frozen=True, slots=True)
class Tile:
    """One place in the grid. Without an inlet (no camera, or a muted one) it shows the placeholder."""

    key: str
    video: VideoInlet | None


@dataclass(frozen=True, slots=True)
class Scene:
    """An immutable whole: comparing identities tells whether anything came, went or was muted."""

    tiles: tuple[Tile, ...] = ()
    sounds: tuple[AudioInlet, ...] = ()


class Stage:
    """The current scene; replacing one reference is atomic, so no lock is needed."""

    def __init__(self) -> None:
        self.scene = Scene()
