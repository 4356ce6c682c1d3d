"""Pictures that repeat the one before are exactly that to a decoder, and x264's go on as if they were not there."""

from pathlib import Path

import av
import numpy as np
import pytest

from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.encoder import Encoder

_FRAMERATE = 30
_PICTURES = 40  # more than frame numbers count to before they begin again


def _noise(number: int, width: int, height: int) -> av.VideoFrame:
    """A picture that is like no other."""
    rows = np.random.default_rng(number).integers(16, 235, (height * 3 // 2, width), np.uint8)
    return av.VideoFrame.from_ndarray(rows, format="yuv420p")


def _write(file: Path, encoding: Encoding, frames: list[av.VideoFrame]) -> None:
    encoder = Encoder(file, encoding, has_audio=False)
    for tick, frame in enumerate(frames):
        encoder.write_picture(frame, tick)
    encoder.close()


def _is_encoded(tick: int) -> bool:
    """Whether it is, where each picture stands for two ticks: the second one is not, but behind a keyframe."""
    return tick % 2 == 0 or tick == 1


def _read(file: Path) -> tuple[list[av.VideoFrame], list[int]]:
    """Return the pictures and the sizes of their packets."""
    with av.open(file) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.size]
    with av.open(file) as container:
        return list(container.decode(video=0)), sizes


@pytest.mark.parametrize(("width", "height"), [(160, 90), (106, 74), (32, 240), (16, 16)])
def test_a_repeated_picture_is_exactly_the_one_before(tmp_path: Path, width: int, height: int) -> None:
    encoding = Encoding(width, height, _FRAMERATE, keyframe_interval_s=1.5)
    drawn = [_noise(number, width, height) for number in range(_PICTURES)]
    _write(tmp_path / "a.mp4", encoding, [frame for frame in drawn for _ in range(2)])
    frames, sizes = _read(tmp_path / "a.mp4")
    assert [round((frame.time or 0) * _FRAMERATE) for frame in frames] == list(range(2 * _PICTURES))
    shown = [frame.to_ndarray() for frame in frames]
    keyframe = round(1.5 * _FRAMERATE)  # falls on a repeated picture, which is encoded therefore
    repeats = [tick for tick in range(3, 2 * _PICTURES, 2) if tick != keyframe]
    assert all(np.array_equal(shown[tick], shown[tick - 1]) for tick in repeats)
    assert not any(np.array_equal(shown[tick], shown[tick - 1]) for tick in range(2, 2 * _PICTURES, 2))
    assert frames[keyframe].key_frame
    assert max(sizes[tick] for tick in repeats) < 60, sizes


def test_a_picture_that_stands_is_repeated_by_hand_and_by_the_encoder_in_turn(tmp_path: Path) -> None:
    frame = _noise(1, 96, 64)
    _write(tmp_path / "a.mp4", Encoding(96, 64, _FRAMERATE), [frame] * 20)
    frames, sizes = _read(tmp_path / "a.mp4")
    assert len(frames) == 20
    shown = [frame.to_ndarray() for frame in frames]
    assert all(np.array_equal(shown[tick], shown[tick - 1]) for tick in range(2, 20, 2))
    assert max(sizes[2::2]) < 60, sizes


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1080, 1920)])
def test_pictures_of_many_macroblocks_are_repeated_as_well(tmp_path: Path, width: int, height: int) -> None:
    drawn = [_noise(number, width, height) for number in range(3)]
    _write(
        tmp_path / "a.mp4", Encoding(width, height, _FRAMERATE), [frame for frame in drawn for _ in range(2)]
    )
    frames, sizes = _read(tmp_path / "a.mp4")
    shown = [frame.to_ndarray() for frame in frames]
    assert len(shown) == 6
    for tick in (3, 5):
        assert np.array_equal(shown[tick], shown[tick - 1])
        assert sizes[tick] < 120, sizes


def test_what_a_decoder_shows_of_x264_s_own_pictures_is_the_same_without_repeats(tmp_path: Path) -> None:
    """Left out of the file, the repeated ones are missed by nobody: no picture refers to them."""
    encoding = Encoding(96, 64, _FRAMERATE)
    drawn = [_noise(number, 96, 64) for number in range(_PICTURES)]
    _write(tmp_path / "a.mp4", encoding, [frame for frame in drawn for _ in range(2)])
    with av.open(tmp_path / "a.mp4") as container:
        stream = container.streams.video[0]
        whole = [
            frame.to_ndarray() for tick, frame in enumerate(container.decode(stream)) if _is_encoded(tick)
        ]
    with av.open(tmp_path / "a.mp4") as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        kept = [packet for tick, packet in enumerate(packets) if _is_encoded(tick)]
        shown = [frame.to_ndarray() for packet in [*kept, None] for frame in stream.decode(packet)]
    assert len(shown) == len(whole) == _PICTURES + 1
    assert all(np.array_equal(one, other) for one, other in zip(shown, whole, strict=True))
