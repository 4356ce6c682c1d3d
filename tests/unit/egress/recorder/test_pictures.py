"""A picture that stands for long has the quality of any other, and everything keeps its place in time."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from rtcstack.egress.job import Encoding
from rtcstack.egress.recorder.encoder import Encoder

_FRAMERATE = 30
_MOVING = 40


def _drawn(number: int, width: int, height: int) -> np.ndarray:
    """Waves that move, so that each picture is new all over."""
    y, x = np.mgrid[0 : height * 3 // 2, 0:width]
    waves = 128 + 50 * np.sin((x + 7 * number) / 9) + 40 * np.sin((y - 5 * number) / 7 + x / 31)
    return waves.astype(np.uint8)


def _noisy(count: int, width: int, height: int) -> list[np.ndarray]:
    """The waves under noise, which takes more bits than there are."""
    noise = np.random.default_rng(1)
    drawn = (
        _drawn(number, width, height) + noise.normal(0, 12, (height * 3 // 2, width))
        for number in range(count)
    )
    return [np.clip(picture, 16, 235).astype(np.uint8) for picture in drawn]


def _encode(file: Path, encoding: Encoding, ticks: list[int], drawn: list[np.ndarray]) -> None:
    """Encode one picture a tick."""
    encoder = Encoder(file, encoding, has_audio=False)
    for tick, picture in zip(ticks, drawn, strict=True):
        encoder.write_picture(av.VideoFrame.from_ndarray(picture, format="yuv420p"), tick)
    encoder.close()


def _recorded(file: Path, encoding: Encoding, ticks: list[int], drawn: list[np.ndarray]) -> list[np.ndarray]:
    """Encode one picture a tick and return what a player shows; all else about the file is checked."""
    _encode(file, encoding, ticks, drawn)
    with av.open(file) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert stream.time_base is not None
    times = [round(float(packet.pts * stream.time_base) * _FRAMERATE, 3) for packet in packets]
    assert times == ticks
    stands = [round(float(packet.duration * stream.time_base) * _FRAMERATE, 3) for packet in packets]
    assert stands == [*(after - tick for tick, after in pairwise(ticks)), 1]
    with av.open(file) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def _psnr_db(shown: np.ndarray, drawn: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((shown.astype(float) - drawn) ** 2)))


@pytest.mark.parametrize("ticks", [[0, 83, 1278], [0, 60, 1260], [0, 83, 983], [0, 9000, 9001, 90_000]])
@pytest.mark.parametrize(("width", "height"), [(640, 360), (320, 64)])
def test_a_picture_that_stands_for_long_looks_well(
    tmp_path: Path, width: int, height: int, ticks: list[int]
) -> None:
    drawn = [_drawn(number, width, height) for number in range(len(ticks))]
    shown = _recorded(tmp_path / "a.mp4", Encoding(width, height, _FRAMERATE), ticks, drawn)
    assert min(map(_psnr_db, shown, drawn)) > 35


@pytest.mark.parametrize("gap_s", [3, 60])
def test_where_the_rate_is_used_up_the_picture_that_stands_is_as_good_as_those_before(
    tmp_path: Path, gap_s: int
) -> None:
    """The rate allows for less than the pictures take, so the encoder's buffer is nearly empty when the gap begins."""
    width, height = 320, 180
    drawn = _noisy(_MOVING + 3, width, height)
    ticks = [*range(_MOVING), *(_MOVING + gap_s * _FRAMERATE + tick for tick in range(3))]
    encoding = Encoding(width, height, _FRAMERATE, video_bitrate_bps=250_000)
    qualities_db = list(map(_psnr_db, _recorded(tmp_path / "a.mp4", encoding, ticks, drawn), drawn))
    standing_db, before_db = qualities_db[_MOVING - 1], min(qualities_db[_MOVING - 10 : _MOVING - 1])
    assert standing_db > before_db - 1, qualities_db[_MOVING - 10 :]


@pytest.mark.parametrize("every", [2, 3])
@pytest.mark.parametrize(("is_noisy", "ceiling_bps"), [(True, 250_000), (False, 20_000_000)])
def test_where_pictures_are_left_out_so_are_their_bits(
    tmp_path: Path, every: int, is_noisy: bool, ceiling_bps: int
) -> None:
    """At the ceiling as well as below it, where the keyframes, as many as before, take a larger share."""
    width, height, each_s = 320, 180, 8
    half = each_s * _FRAMERATE
    ticks = [*range(half), *range(half, 2 * half, every)]
    pictures = _noisy(2 * half, width, height) if is_noisy else None
    drawn = [pictures[tick] if pictures else _drawn(tick, width, height) for tick in ticks]
    encoding = Encoding(width, height, _FRAMERATE, video_bitrate_bps=ceiling_bps)
    _encode(tmp_path / "a.mp4", encoding, ticks, drawn)
    before, after = (_bps(tmp_path / "a.mp4", end_s - 4, end_s) for end_s in (each_s, 2 * each_s))
    assert (before > 0.9 * ceiling_bps) is is_noisy
    assert 0.9 / every < after / before < 1.3 / every


def _bps(file: Path, begin_s: float, end_s: float) -> float:
    """Return the bits a second of the pictures in a stretch."""
    with av.open(file) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    sizes = [packet.size for packet in packets if begin_s <= packet.pts * packet.time_base < end_s]
    return sum(sizes) * 8 / (end_s - begin_s)
