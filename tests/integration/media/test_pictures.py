"""Posters, storyboards and snapshots: from keyframes alone, and the pictures are those of the asked moments."""

import asyncio
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.errors import Invalid
from rtcstack.ports.media import MediaSource
from tests.integration.media.conftest import Store
from tests.support.numbered import number_of, record


def _luma(file: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with av.open(str(file)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="gray"), np.uint8)


async def test_the_poster_is_a_keyframe_of_the_recording(
    media: MediaProcesses, source: MediaSource, tmp_path: Path
) -> None:
    await media.poster(source, tmp_path / "poster.jpg")
    luma = _luma(tmp_path / "poster.jpg")
    assert luma.shape == (180, 320)
    assert number_of(luma) % 60 == 0


async def test_the_storyboard_shows_each_interval(
    media: MediaProcesses, source: MediaSource, tmp_path: Path
) -> None:
    board = await media.storyboard(source, tmp_path)
    assert (board.tile_width, board.tile_height, board.interval_ms) == (160, 90, 2000)
    (sheet,) = board.sheets
    assert (sheet.columns, sheet.tiles, sheet.file.parent) == (6, 6, tmp_path)
    luma = _luma(sheet.file)
    assert luma.shape == (90, 960)
    assert [number_of(luma[:, 160 * n : 160 * (n + 1)]) for n in range(6)] == [0, 60, 120, 180, 240, 300]


async def test_snapshots_are_taken_at_the_keyframes_next_to_the_interval(
    media: MediaProcesses, source: MediaSource, tmp_path: Path
) -> None:
    taken = await media.snapshots(source, 2.5, tmp_path)
    assert [one.position_ms for one in taken] == [0, 2000, 4000, 8000, 10_000]
    assert [number_of(_luma(one.file)) for one in taken] == [0, 60, 120, 240, 300]


async def test_with_b_frames_each_is_placed_where_it_is_shown(
    media: MediaProcesses, store: Store, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "b-frames.mp4"
    every_2_s = ["-g", "60", "-keyint_min", "60", "-sc_threshold", "0"]
    options = ["-c:v", "libx264", "-bf", "3", "-b_strategy", "0", *every_2_s, "-c:a", "aac"]
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(file), *options, str(out)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    for source in (MediaSource(files=(out,)), store.put("media/b-frames.mp4", out)):
        taken = await media.snapshots(source, 2.5, tmp_path)
        assert [one.position_ms for one in taken] == [0, 2000, 4000, 8000, 10_000]
        assert [number_of(_luma(one.file)) for one in taken] == [0, 60, 120, 240, 300]
        (sheet,) = (await media.storyboard(source, tmp_path)).sheets
        luma = _luma(sheet.file)
        assert [number_of(luma[:, 160 * n : 160 * (n + 1)]) for n in range(6)] == [0, 60, 120, 180, 240, 300]


async def test_of_a_running_recording_too(media: MediaProcesses, tmp_path: Path) -> None:
    parts = (
        record(tmp_path / "part-1.mp4", 3.0),
        record(tmp_path / "part-2.mp4", 3.3, killed=True, first=500),
    )
    taken = await media.snapshots(MediaSource(files=parts), 2, tmp_path)
    assert [number_of(_luma(one.file)) for one in taken] == [0, 60, 500]
    await media.poster(MediaSource(files=parts), tmp_path / "poster.jpg")
    assert number_of(_luma(tmp_path / "poster.jpg")) in {0, 60, 500, 560}


async def test_sound_has_no_pictures(media: MediaProcesses, tmp_path: Path) -> None:
    source = MediaSource(files=(record(tmp_path / "part-1.mp4", 2.0, has_video=False),))
    for work in (
        media.poster(source, tmp_path / "poster.jpg"),
        media.storyboard(source, tmp_path),
        media.snapshots(source, 1, tmp_path),
    ):
        with pytest.raises(Invalid) as raised:
            await work
        assert raised.value.word == "no_video"
