from typing import Any

import pytest
from livekit.protocol import models
from livekit.protocol.egress import EncodingOptions, EncodingOptionsPreset, RoomCompositeEgressRequest

from rtcstack.egress.dispatcher import encoding
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.job import Encoding
from rtcstack.errors import Invalid


def _read(**options: Any) -> Encoding:
    return encoding.read(RoomCompositeEgressRequest(**options))


def test_silence_means_the_products_defaults() -> None:
    assert _read() == Encoding()
    assert _read(advanced=EncodingOptions()) == Encoding()


@pytest.mark.parametrize(
    ("name", "width", "height", "framerate", "kbps"),
    [
        ("720P_30", 1280, 720, 30, 3000),
        ("720P_60", 1280, 720, 60, 4500),
        ("1080P_30", 1920, 1080, 30, 4500),
        ("1080P_60", 1920, 1080, 60, 6000),
    ],
)
def test_presets_are_livekits(name: str, width: int, height: int, framerate: int, kbps: int) -> None:
    """`applyPreset` in `pkg/config/encoding.go` of LiveKit's Egress; the bitrate there is 4500 unless a preset has another."""
    lying, standing = (EncodingOptionsPreset.Value(f"{way}H264_{name}") for way in ("", "PORTRAIT_"))
    assert _read(preset=lying) == Encoding(width, height, framerate, kbps * 1000)
    assert _read(preset=standing) == Encoding(height, width, framerate, kbps * 1000)


def test_advanced_options_are_kilobits_and_seconds() -> None:
    options = EncodingOptions(
        width=640, height=360, framerate=15, video_bitrate=800, audio_bitrate=96, key_frame_interval=4
    )
    assert _read(advanced=options) == Encoding(640, 360, 15, 800_000, 96_000, 4.0)


@pytest.mark.parametrize(
    "options",
    [
        {"width": 641},
        {"height": 8},
        {"width": -2},
        {"framerate": 61},
        {"framerate": 4},
        {"width": 20_000},
        {"width": 1920, "height": 1082},
        {"framerate": -1},
        {"video_bitrate": 1},
        {"audio_bitrate": 10_000},
        {"key_frame_interval": 0.01},
    ],
)
def test_values_out_of_range_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=next(iter(options))):
        _read(advanced=EncodingOptions(**options))


@pytest.mark.parametrize(
    "options",
    [
        {"preset": EncodingOptionsPreset.PASSTHROUGH},
        {"advanced": EncodingOptions(video_codec=models.VideoCodec.VP8)},
        {"advanced": EncodingOptions(audio_codec=models.AudioCodec.AC_MP3)},
        {"advanced": EncodingOptions(audio_frequency=44_100)},
    ],
)
def test_other_codecs_are_left_to_others(options: dict[str, Any]) -> None:
    with pytest.raises(NotOurs):
        _read(**options)
