"""LiveKit's presets of what is encoded, as `pkg/config/encoding.go` of its Egress has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Preset:
    width: int
    height: int
    framerate: int
    video_bitrate_kbps: int


PRESETS: Final[Mapping[str, Preset]] = {
    "H264_720P_30": Preset(1280, 720, 30, 3000),
    "H264_720P_60": Preset(1280, 720, 60, 4500),
    "H264_1080P_30": Preset(1920, 1080, 30, 4500),
    "H264_1080P_60": Preset(1920, 1080, 60, 6000),
    "PORTRAIT_H264_720P_30": Preset(720, 1280, 30, 3000),
    "PORTRAIT_H264_720P_60": Preset(720, 1280, 60, 4500),
    "PORTRAIT_H264_1080P_30": Preset(1080, 1920, 30, 4500),
    "PORTRAIT_H264_1080P_60": Preset(1080, 1920, 60, 6000),
}
"""By LiveKit's names, those of its `EncodingOptionsPreset`."""
