"""What is to be seen and heard now. The room's side replaces it as a whole, the conductor's side reads it."""

from dataclasses import dataclass

from rtcstack.egress.recorder.layout import Rect
from rtcstack.egress.recorder.media import AudioInlet, VideoInlet


@dataclass(frozen=True, slots=True)
class Tile:
    """One place in the picture. Without an inlet (no camera, or a muted one) it shows the placeholder."""

    key: str
    video: VideoInlet | None
    cell: Rect
    has_camera: bool = False
    """A picture is sent, whether it has arrived or not."""
    name: str = ""
    """Whose picture it is, as people are called."""
    is_screen: bool = False
    is_speaking: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """An immutable whole."""

    tiles: tuple[Tile, ...] = ()
    sounds: tuple[AudioInlet, ...] = ()
    is_light: bool = False
    is_bare: bool = False
    """One picture that fills the frame, without names and frames around it."""

    def held_ns(self, now_ns: int) -> int:
        """Return by how much they are held back of whom that is most."""
        holds = [tile.video.hold for tile in self.tiles if tile.video] + [sound.hold for sound in self.sounds]
        return max((hold.at(now_ns) for hold in holds), default=0)


class Stage:
    """The current scene; replacing one reference is atomic, so no lock is needed."""

    def __init__(self) -> None:
        self.scene = Scene()
