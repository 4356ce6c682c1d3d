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


def test_presets_are_livekits() -> None:
    assert _read(preset=EncodingOptionsPreset.H264_720P_30) == Encoding(1280, 720, 30, 3_000_000)
    assert _read(preset=EncodingOptionsPreset.PORTRAIT_H264_1080P_60) == Encoding(1080, 1920, 60, 6_000_000)


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
