"""From a request's output messages to `Outputs`: what this worker makes, what it leaves to others, what is wrong.

Names follow LiveKit's Egress (`pkg/config/output_file.go`, `output_segment.go`, `output_image.go`).
"""

from dataclasses import dataclass
from typing import Any, Final

from livekit.protocol import egress as pb
from livekit.protocol import models

from rtcstack.egress.dispatcher.file_form import Media, codec_of, read_file
from rtcstack.egress.dispatcher.filepath import Names, check_key
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.outputs import (
    DEFAULT_INTERVAL_S,
    DEFAULT_SEGMENT_S,
    AudioCodec,
    FileForm,
    ImagesOutput,
    Outputs,
    SegmentsOutput,
    Suffix,
)
from rtcstack.errors import Invalid

_LONGEST_INDEX: Final = 10**16
"""Has as many digits as an instant."""
_PLAYLIST: Final = ".m3u8"
_SEGMENT_S: Final = (1, 60)
_INTERVAL_S: Final = (1, 86_400)
_SIDE_PX: Final = (16, 4096)
_SEGMENT_SUFFIXES: Final[dict[int, Suffix]] = {
    pb.SegmentedFileSuffix.INDEX: "index",
    pb.SegmentedFileSuffix.TIMESTAMP: "timestamp",
}
_IMAGE_SUFFIXES: Final[dict[int, Suffix]] = {
    pb.ImageFileSuffix.IMAGE_SUFFIX_INDEX: "index",
    pb.ImageFileSuffix.IMAGE_SUFFIX_TIMESTAMP: "timestamp",
    pb.ImageFileSuffix.IMAGE_SUFFIX_NONE_OVERWRITE: "none",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request's outputs, as they stand in it."""

    files: tuple[Any, ...] = ()
    """`EncodedFileOutput`, `FileOutput` or `DirectFileOutput`."""
    segments: tuple[pb.SegmentedFileOutput, ...] = ()
    images: tuple[pb.ImageOutput, ...] = ()
    uploads: tuple[Any, ...] = ()
    """For each output the message whose store field is set, if any is."""
    has_streams: bool = False

    def check(self) -> None:
        """Raise NotOurs for streams, Invalid for what no worker makes."""
        if self.has_streams:
            raise NotOurs("streams")
        if not self.files and not self.segments and not self.images:
            raise Invalid("an output is missing: a file, segments or images")
        if len(self.files) > 1 or len(self.segments) > 1:
            raise Invalid("of file outputs and of segment outputs there can be one each")


@dataclass(frozen=True, slots=True)
class Made:
    outputs: Outputs
    object_key: str
    """The file's; empty without one."""
    audio_codec: AudioCodec


def read_outputs(wanted: Wanted, names: Names, media: Media) -> Made:
    """Return what is to be made and how it is called.

    Raises:
        NotOurs: for kinds of files that other workers make.
        Invalid: for names, kinds and values that contradict each other or are out of range.
    """
    wanted.check()
    form: FileForm = "none"
    key = ""
    if wanted.files:
        form, key = read_file(wanted.files[0], names, media)
    segments = _segments(wanted.segments[0], names) if wanted.segments else None
    if wanted.images and not media.has_video:
        raise Invalid("image_outputs: there is no picture in a recording of sound")
    images = tuple(_images(output, names) for output in wanted.images)
    if len({output.prefix for output in images}) < len(images):
        raise Invalid("image_outputs: each needs a filename_prefix of its own")
    codec = codec_of(form, media, has_segments=segments is not None)
    return Made(Outputs(form, segments, images, _manifest(wanted, key, segments, images)), key, codec)


def _segments(wanted: pb.SegmentedFileOutput, names: Names) -> SegmentsOutput:
    if wanted.protocol not in pb.SegmentedFileProtocol.values():
        raise Invalid(f"segment_outputs.protocol: {wanted.protocol} is not known; there is HLS")
    suffix = _SEGMENT_SUFFIXES.get(wanted.filename_suffix)
    if suffix is None:
        raise Invalid(f"segment_outputs.filename_suffix: {wanted.filename_suffix} is not known")
    folder, playlist = _split(_bare(names.fill(wanted.playlist_name, "playlist_name")))
    live_folder, live = _split(_bare(names.fill(wanted.live_playlist_name, "live_playlist_name")))
    below, prefix = _split(names.fill(wanted.filename_prefix, "filename_prefix"))
    if live_folder not in {"", folder}:
        raise Invalid("live_playlist_name: it has to be in the same folder as playlist_name")
    # The segments lie in the playlist's folder or below it, so that the playlist can name them.
    folder, below = (below, "") if not folder else (folder, below.removeprefix(folder))
    playlist = playlist or prefix or names.default
    if live == playlist:
        raise Invalid("live_playlist_name: it has to differ from playlist_name")
    made = SegmentsOutput(
        folder=folder,
        playlist=playlist + _PLAYLIST,
        prefix=below + (prefix or playlist),
        live_playlist=live and live + _PLAYLIST,
        duration_s=_within(
            "segment_outputs.segment_duration", wanted.segment_duration or DEFAULT_SEGMENT_S, _SEGMENT_S
        ),
        suffix=suffix,
    )
    check_key(made.playlist_key, "playlist_name")
    check_key(made.live_playlist_key or made.playlist_key, "live_playlist_name")
    check_key(made.folder + made.name(_LONGEST_INDEX, 0), "filename_prefix")
    return made


def _images(wanted: pb.ImageOutput, names: Names) -> ImagesOutput:
    if wanted.image_codec not in models.ImageCodec.values():
        raise Invalid(f"image_outputs.image_codec: {wanted.image_codec} is not known; there is JPEG")
    suffix = _IMAGE_SUFFIXES.get(wanted.filename_suffix)
    if suffix is None:
        raise Invalid(f"image_outputs.filename_suffix: {wanted.filename_suffix} is not known")
    for name in ("width", "height"):
        if value := getattr(wanted, name):
            _within(f"image_outputs.{name}", value, _SIDE_PX)
    interval_s = wanted.capture_interval or DEFAULT_INTERVAL_S
    made = ImagesOutput(
        prefix=names.named(wanted.filename_prefix, "filename_prefix"),
        interval_s=_within("image_outputs.capture_interval", interval_s, _INTERVAL_S),
        width=wanted.width,
        height=wanted.height,
        suffix=suffix,
    )
    check_key(made.key(_LONGEST_INDEX, 0), "filename_prefix")
    return made


def _manifest(
    wanted: Wanted, object_key: str, segments: SegmentsOutput | None, images: tuple[ImagesOutput, ...]
) -> str:
    """Return the key beside the first output that wants one; empty when none does."""
    stems = [object_key.rpartition(".")[0] for _ in wanted.files]
    stems += [segments.playlist_key.removesuffix(_PLAYLIST)] if segments else []
    stems += [output.prefix for output in images]
    outputs = (*wanted.files, *wanted.segments, *wanted.images)
    return next((f"{s}.json" for o, s in zip(outputs, stems, strict=True) if not o.disable_manifest), "")


def _within(field: str, value: int, limits: tuple[int, int]) -> int:
    least, most = limits
    if not least <= value <= most:
        raise Invalid(f"{field}: {value} is not between {least} and {most}")
    return value


def _split(path: str) -> tuple[str, str]:
    """Return the folder, empty or with its slash, and the name."""
    folder, slash, name = path.rpartition("/")
    return folder + slash, name


def _bare(name: str) -> str:
    return name.removesuffix(_PLAYLIST)
