"""What a caller may ask of a composite recording, and the request that follows from it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rtcstack import log
from rtcstack.domain.preset import PRESETS
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room
from rtcstack.errors import Invalid
from rtcstack.ports.livekit import Composite
from rtcstack.ports.storage import StoreAccess

LAYOUTS = tuple(
    f"{shape}{tone}" for shape in ("grid", "speaker", "single-speaker") for tone in ("", "-light", "-dark")
)
"""LiveKit's names; the plain ones are dark."""
_LARGEST_PX = 1920 * 1080


@dataclass(frozen=True)
class CompositeOptions:
    """Start's options; with none of them it is 1280x720 at 30 frames a second, all active videos tiled."""

    layout: str | None = None
    preset: str | None = None
    width: int | None = None
    height: int | None = None
    framerate: int | None = None
    video_bitrate_kbps: int | None = None
    audio_only: bool = False
    max_tiles: int | None = None

    def __post_init__(self) -> None:
        if self.layout is not None and self.layout not in LAYOUTS:
            raise Invalid(f"The layouts are {', '.join(LAYOUTS)}.", code="unknown_layout", field="layout")
        if self.preset is not None and self.preset not in PRESETS:
            raise Invalid(f"The presets are {', '.join(PRESETS)}.", code="unknown_preset", field="preset")
        if self.preset and (self.width or self.height or self.framerate):
            raise Invalid("Give a preset, or width, height and framerate, not both.", field="preset")
        if (self.width is None) != (self.height is None):
            raise Invalid("Width and height go together.", field="width" if self.width is None else "height")
        if self.width and self.height and self.width * self.height > _LARGEST_PX:
            raise Invalid("The largest picture is 1920x1080 or 1080x1920.", field="width")
        if self.max_tiles is not None and not (self.layout or "grid").startswith("grid"):
            raise Invalid("Only the grid has a number of tiles.", field="maxTiles")

    @property
    def layout_name(self) -> str:
        """The layout as recorders are told it; empty for their own choice."""
        if self.max_tiles is None:
            return self.layout or ""
        return f"{self.layout or 'grid'}?maxTiles={self.max_tiles}"

    def stored(self) -> Mapping[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in {None, False}}


def composite_of(
    room: Room, recording: Recording, options: CompositeOptions, access: StoreAccess | None = None
) -> Composite:
    """`access` goes along for a recorder that cannot ask for it."""
    # Values in place of the name: LiveKit takes one or the other, and a bitrate may be given beside a preset.
    shape = PRESETS[options.preset] if options.preset else options
    return Composite(
        room_name=room.livekit_name,
        object_key=recording.object_key,
        bucket=recording.bucket,
        object_metadata=_object_metadata(recording),
        layout=options.layout_name,
        audio_only=options.audio_only,
        width=shape.width,
        height=shape.height,
        framerate=shape.framerate,
        video_bitrate_kbps=options.video_bitrate_kbps or shape.video_bitrate_kbps,
        access=access,
    )


def _object_metadata(recording: Recording) -> dict[str, str]:
    """Say what the object is; by the storage's id the built-in worker asks for the keys of a bucket that is not its own."""
    own = {"rtcstack-storage": recording.storage_id} if recording.storage_id else {}
    if request_id := log.current("request_id"):  # the recorder's lines name the call that it goes back to
        own["rtcstack-request"] = request_id
    return {"rtcstack-recording": recording.id, "rtcstack-tenant": recording.tenant_id, **own}
