"""The encoder that agrees with the recorder's, and what does not agree."""

from pathlib import Path

import av
import pytest

from rtcstack.egress.job import Encoding
from rtcstack.media.h264 import Disagreement, HeadEncoder, parameter_sets, split_annex_b
from tests.support.numbered import record

_ENCODINGS = [
    Encoding(width=320, height=180),
    Encoding(width=640, height=360, framerate=15, video_bitrate_bps=400_000),
    Encoding(width=1280, height=720, framerate=60, video_bitrate_bps=9_000_000, keyframe_interval_s=4),
    Encoding(width=192, height=320, framerate=25),
    Encoding(width=320, height=180, crf=10),
    Encoding(width=320, height=180, crf=40),
]


@pytest.mark.parametrize("encoding", _ENCODINGS)
def test_it_agrees_with_what_recorders_write(tmp_path: Path, encoding: Encoding) -> None:
    file = record(tmp_path / "part-1.mp4", 0.3, encoding=encoding)
    with av.open(str(file)) as container:
        HeadEncoder(container.streams.video[0])


def test_its_packets_are_units_with_lengths(tmp_path: Path) -> None:
    file = record(tmp_path / "part-1.mp4", 0.3)
    with av.open(str(file)) as container:
        source = container.streams.video[0]
        encoder = HeadEncoder(source)
        frames = list(container.decode(source))
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, 1 / source.average_rate
        made = [bytes(p) for frame in (*frames, None) for p in encoder.encode(frame)]
    assert len(made) == len(frames)
    for content in made:
        at = 0
        while at < len(content):
            at += 4 + int.from_bytes(content[at : at + 4], "big")
        assert at == len(content)


def test_another_encoder_s_stream_disagrees(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "other.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "medium"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        frame = av.VideoFrame(320, 180, "yuv420p")
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    with av.open(str(tmp_path / "other.mp4")) as container, pytest.raises(Disagreement):
        HeadEncoder(container.streams.video[0])


def test_a_parameter_set_that_ends_too_early_disagrees(tmp_path: Path) -> None:
    file = record(tmp_path / "part-1.mp4", 0.3)
    with av.open(str(file)) as container:
        _sps, pps = parameter_sets(container.streams.video[0].codec_context.extradata or b"")
    file.write_bytes(file.read_bytes().replace(pps, pps[:1] + bytes(len(pps) - 1)))
    with av.open(str(file)) as container, pytest.raises(Disagreement):
        HeadEncoder(container.streams.video[0])


@pytest.mark.parametrize("configuration", [b"", b"\0\0\0\1\x67\x64", b"\1\x64"])
def test_what_is_no_configuration_record_is_told(configuration: bytes) -> None:
    with pytest.raises(Disagreement):
        parameter_sets(configuration)


def test_units_stand_between_start_codes() -> None:
    assert split_annex_b(b"\0\0\0\1\x67\x01\0\0\1\x68\x02\0\0\0\1\x65") == [b"\x67\x01", b"\x68\x02", b"\x65"]
