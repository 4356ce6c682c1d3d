"""Bodies of clips and previews: snake_case, bare objects (seed document 002)."""

from typing import Annotated

import msgspec

from rtcstack.domain.clip import MAX_LABEL_CHARS, Clip, ClipMode
from rtcstack.domain.previews import Previews
from rtcstack.services.event_bodies import ClipObject

_Label = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LABEL_CHARS)]
_Second = Annotated[float, msgspec.Meta(ge=0)]


class CreateClipRequest(msgspec.Struct, forbid_unknown_fields=True):
    """`reencode` encodes every frame anew; `smart` only what must be, and copies the rest."""

    label: _Label
    start_seconds: _Second
    end_seconds: _Second
    mode: ClipMode = "reencode"


class ClipDetails(ClipObject, omit_defaults=True):
    """The clip object, and how far it is; `error_code` and `error` are there when it has failed."""

    progress: float
    download_url: str | None
    error_code: str | None = None
    error: str | None = None

    @classmethod
    def of(cls, clip: Clip, download_url: str | None) -> "ClipDetails":
        return cls(
            **msgspec.structs.asdict(ClipObject.from_domain(clip)),
            progress=round(clip.progress, 3),
            download_url=download_url,
            error_code=clip.error_code,
            error=clip.error,
        )


class StoryboardBody(msgspec.Struct):
    """Pictures in sprites; `vtt_url` is a path of this API, which says where each one lies."""

    vtt_url: str
    interval_seconds: float
    tile_width: int
    tile_height: int


class PreviewsBody(msgspec.Struct):
    poster_url: str
    storyboard: StoryboardBody

    @classmethod
    def from_domain(cls, previews: Previews, poster_url: str) -> "PreviewsBody":
        board = StoryboardBody(
            vtt_url=f"/v1/recordings/{previews.recording_id}/storyboard.vtt",
            interval_seconds=previews.interval_ms / 1000,
            tile_width=previews.tile_width,
            tile_height=previews.tile_height,
        )
        return cls(poster_url, board)
