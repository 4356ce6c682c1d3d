"""From LiveKit's encoding options, or the name of one of its presets, to ours."""

from typing import Any, Final

from livekit.protocol import egress as pb
from livekit.protocol import models

from rtcstack.domain.preset import PRESETS
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.job import Encoding
from rtcstack.egress.outputs import AudioCodec
from rtcstack.errors import Invalid

_Preset = pb.EncodingOptionsPreset
_PRESETS: Final = {
    _Preset.Value(name): Encoding(one.width, one.height, one.framerate, one.video_bitrate_kbps * 1000)
    for name, one in PRESETS.items()
}
_H264: Final = (
    models.VideoCodec.DEFAULT_VC,
    models.VideoCodec.H264_BASELINE,
    models.VideoCodec.H264_MAIN,
    models.VideoCodec.H264_HIGH,
)
_SOUND: Final[dict[int, AudioCodec | None]] = {
    models.AudioCodec.DEFAULT_AC: None,
    models.AudioCodec.AAC: "aac",
    models.AudioCodec.OPUS: "opus",
}
_LIMITS: Final = {
    "width": (16, 1920),
    "height": (16, 1920),
    "framerate": (5, 60),
    "video_bitrate": (50, 100_000),
    "audio_bitrate": (16, 512),
    "key_frame_interval": (0.1, 60),
}
_OTHER_CODECS: Final = "codecs other than H.264, AAC and Opus"
_LARGEST_PX: Final = 1920 * 1080


def read(options: Any) -> Encoding:
    """Return what `preset` or `advanced` of the message ask for; the product's defaults where they are silent.

    Raises:
        NotOurs: for codecs and sample rates that this worker does not write.
        Invalid: for values out of range.
    """
    kind = next((f.name for f, _ in options.ListFields() if f.name in {"preset", "advanced"}), None)
    if kind is None:
        return Encoding()
    if kind == "advanced":
        return _advanced(options.advanced)
    if options.preset == _Preset.PASSTHROUGH:
        raise NotOurs("passing tracks through as they are")
    if options.preset not in _PRESETS:
        raise Invalid(f"preset: {options.preset} is not known; there are {', '.join(PRESETS)}")
    return _PRESETS[options.preset]


def audio_codec(options: Any) -> AudioCodec | None:
    """Return the codec that the message names; None leaves it to the kind of file.

    Raises:
        NotOurs: for one that this worker does not write.
    """
    if not any(field.name == "advanced" for field, _ in options.ListFields()):
        return None
    if options.advanced.audio_codec not in _SOUND:
        raise NotOurs(_OTHER_CODECS)
    return _SOUND[options.advanced.audio_codec]


def _advanced(advanced: pb.EncodingOptions) -> Encoding:
    if advanced.video_codec not in _H264 or advanced.audio_codec not in _SOUND:
        raise NotOurs(_OTHER_CODECS)
    if advanced.audio_frequency not in {0, 48000}:
        raise NotOurs("sample rates other than 48000 Hz")
    for name, (least, most) in _LIMITS.items():
        value = getattr(advanced, name)
        if value and not least <= value <= most:
            raise Invalid(f"advanced.{name}: {value} is not between {least} and {most}")
    default = Encoding()
    width, height = advanced.width or default.width, advanced.height or default.height
    if width % 2 or height % 2:
        raise Invalid("advanced.width and advanced.height have to be even")
    if width * height > _LARGEST_PX:
        raise Invalid(
            f"advanced.width and advanced.height: {width}x{height} is more than 1920x1080 or 1080x1920"
        )
    return Encoding(
        width=width,
        height=height,
        framerate=advanced.framerate or default.framerate,
        video_bitrate_bps=advanced.video_bitrate * 1000 or default.video_bitrate_bps,
        audio_bitrate_bps=advanced.audio_bitrate * 1000 or default.audio_bitrate_bps,
        keyframe_interval_s=advanced.key_frame_interval or default.keyframe_interval_s,
    )
