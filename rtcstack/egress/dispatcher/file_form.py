"""Which kind of file an output is, by its type, its name and what is in it (`pkg/config/pipeline.go` of LiveKit's Egress)."""

from dataclasses import dataclass
from typing import Any, Final

from livekit.protocol import egress as pb

from rtcstack.egress.dispatcher.filepath import Names, check_file_key
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.outputs import AudioCodec, FileForm
from rtcstack.errors import Invalid

_OURS: Final[dict[str, FileForm]] = {".mp4": "mp4", ".ogg": "ogg"}
_OTHERS: Final = (".webm", ".ivf", ".mp3")
"""What a stock Egress makes of a single track by its name."""
_BY_TYPE: Final[dict[int, FileForm | None]] = {
    pb.EncodedFileType.DEFAULT_FILETYPE: None,
    pb.EncodedFileType.MP4: "mp4",
    pb.EncodedFileType.OGG: "ogg",
}


@dataclass(frozen=True, slots=True)
class Media:
    """What is recorded, as far as its files are concerned."""

    has_audio: bool
    has_video: bool
    audio_codec: AudioCodec | None
    """The one that was asked for."""


def read_file(file: Any, names: Names, media: Media) -> tuple[FileForm, str]:
    """Return the kind of a file output and its key.

    Raises:
        NotOurs: for kinds that other workers make.
        Invalid: for a name that contradicts the kind, or for pictures in a file for sound.
    """
    path = names.named(file.filepath, "filepath")
    if path.endswith(_OTHERS):
        raise NotOurs("files other than MP4 and OGG")
    by_name = next((form for ending, form in _OURS.items() if path.endswith(ending)), None)
    form = _form(getattr(file, "file_type", pb.EncodedFileType.DEFAULT_FILETYPE), by_name, media)
    if form == "ogg" and media.has_video:
        raise Invalid("file_type: OGG holds sound only; set audio_only, or choose MP4")
    return form, check_file_key(path if by_name else f"{path}.{form}", "filepath")


def codec_of(form: FileForm, media: Media, *, has_segments: bool) -> AudioCodec:
    """Return the one codec of sound that all outputs can hold.

    Raises:
        Invalid: when there is none.
    """
    if form == "ogg" and media.audio_codec == "aac":
        raise Invalid("advanced.audio_codec: OGG holds Opus, not AAC")
    codec = "opus" if form == "ogg" else media.audio_codec or "aac"
    if has_segments and codec == "opus" and media.has_audio:
        raise Invalid("segment_outputs: HLS segments hold AAC; Opus and OGG do not go with them")
    return codec


def _form(file_type: int, by_name: FileForm | None, media: Media) -> FileForm:
    """Return the kind by type, or by name, or the one that a stock Egress takes for what is in it."""
    if file_type == pb.EncodedFileType.MP3:
        raise NotOurs("files other than MP4 and OGG")
    if file_type not in _BY_TYPE:
        raise Invalid(f"file_type: {file_type} is not known; there are MP4 and OGG")
    asked = _BY_TYPE[file_type]
    if asked and by_name and asked != by_name:
        raise Invalid(f"filepath: it ends with .{by_name}, but file_type asks for {asked.upper()}")
    return asked or by_name or ("mp4" if media.has_video or media.audio_codec == "aac" else "ogg")
