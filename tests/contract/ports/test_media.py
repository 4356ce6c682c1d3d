"""What services may rely on, held against the fake and the real media processes alike."""

from pathlib import Path

import pytest

from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.errors import Invalid
from rtcstack.ports.media import Media, MediaSource
from tests.fakes.media import FakeMedia
from tests.support.numbered import record

_LENGTH_S = 4.0


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> MediaSource:
    return MediaSource(files=(record(tmp_path_factory.mktemp("media") / "part-1.mp4", _LENGTH_S),))


@pytest.fixture(params=["fake", "real"])
def media(request: pytest.FixtureRequest) -> Media:
    if request.param == "real":
        return MediaProcesses()
    fake = FakeMedia()
    fake.length_s = _LENGTH_S
    return fake


@pytest.mark.parametrize("mode", ["reencode", "smart"])
async def test_a_cut_leaves_a_file_and_says_what_it_is(
    media: Media, source: MediaSource, tmp_path: Path, mode: str
) -> None:
    out, seen = tmp_path / "clip.mp4", list[float]()
    cut = await media.cut(source, 0.5, 3.0, "smart" if mode == "smart" else "reencode", out, seen.append)
    assert abs(cut.duration_ms - 2500) <= 50
    assert cut.size_bytes == len(out.read_bytes()) > 0
    assert seen == sorted(seen)
    assert (min(seen) >= 0, seen[-1]) == (True, 1.0)


async def test_what_lies_beyond_the_end_is_an_invalid_range(
    media: Media, source: MediaSource, tmp_path: Path
) -> None:
    out = tmp_path / "clip.mp4"
    with pytest.raises(Invalid) as caught:
        await media.cut(source, 1.0, _LENGTH_S + 1, "reencode", out, lambda _done: None)
    assert caught.value.word == "invalid_range"
    assert not out.exists()


async def test_a_probe_says_what_the_container_says(media: Media, source: MediaSource) -> None:
    found = await media.probe(source)
    assert abs(found.duration_ms - _LENGTH_S * 1000) <= 50
    assert set(found.streams) == {"video", "audio"}


async def test_a_poster_and_the_sheets_of_a_storyboard_are_files(
    media: Media, source: MediaSource, tmp_path: Path
) -> None:
    poster = tmp_path / "poster.jpg"
    await media.poster(source, poster)
    assert poster.read_bytes()
    board = await media.storyboard(source, tmp_path)
    assert min(board.tile_width, board.tile_height, board.interval_ms) > 0
    assert board.sheets
    for sheet in board.sheets:
        assert sheet.file.parent == tmp_path
        assert sheet.file.read_bytes()
        assert min(sheet.columns, sheet.tiles) > 0


async def test_the_newest_picture_is_a_file_and_has_its_place(
    media: Media, source: MediaSource, tmp_path: Path
) -> None:
    if isinstance(media, FakeMedia):
        media.shots = [b"a picture"] * 3
    taken = await media.newest(source, tmp_path)
    assert taken.file.parent == tmp_path
    assert taken.file.read_bytes()
    assert _LENGTH_S * 500 <= taken.position_ms <= _LENGTH_S * 1000
