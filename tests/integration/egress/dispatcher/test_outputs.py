"""One recording with all outputs at once, through LiveKit's ordinary API; what lies in the store is decoded."""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from minio import Minio

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.everything import (
    BLUE,
    FPS,
    GREEN,
    INTERVAL_S,
    POSTER_S,
    RED,
    SEGMENT_S,
    Made,
    record,
)
from tests.integration.egress.dispatcher.harness import WorkerProcess
from tests.integration.egress.dispatcher.rendition import Playlist, played, sound_packets, times
from tests.integration.egress.recorder.footage import Colour, Footage, Thumbnail, close_to, thumbnail
from tests.support.single_part import SinglePart

pytestmark = pytest.mark.alone  # pictures and sound are held against the clock


@pytest.fixture(scope="module")
def made(
    settings: Settings,
    livekit_server: SinglePart,
    minio_server: SinglePart,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Made]:
    del livekit_server, minio_server  # only have to run
    own, folder = settings.storage, tmp_path_factory.mktemp("outputs")
    key, secret = own.access_key.get_secret_value(), own.secret_key.get_secret_value()
    bucket = Minio(
        f"{own.host}:{own.port}", access_key=key, secret_key=secret, region=own.region, secure=False
    )
    worker, found = WorkerProcess(settings, folder), Made(folder)
    worker.start()
    try:
        asyncio.run(record(found, worker, settings, bucket))
        yield found
    finally:
        worker.kill()


def _name(picture: Thumbnail) -> Colour | None:
    """Return which of the participant's colours is in the middle."""
    return next((c for c in (BLUE, RED, GREEN) if close_to(_pixel(picture, 9, 16), c)), None)


def _pixel(picture: Thumbnail, row: int, column: int) -> Colour:
    y, u, v = (int(value) for value in picture[row, column])
    return y, u, v


@pytest.fixture(scope="module")
def playlist(made: Made) -> Playlist:
    return Playlist.parse(made.path("hls/list.m3u8").read_text())


@pytest.fixture(scope="module")
def footage(made: Made) -> Footage:
    """The file's."""
    return Footage.read(made.path("whole.mp4"))


def test_the_keys(made: Made, playlist: Playlist) -> None:
    found = {str(path.relative_to(made.path(""))) for path in made.path("").rglob("*") if path.is_file()}
    stills = {name for name in found if name.startswith("still/")}
    pieces = {f"hls/piece_{n:05d}.ts" for n in range(len(playlist.segments))}
    expected = {
        "whole.mp4",
        "whole.index.json.gz",
        "whole.json",
        "hls/list.m3u8",
        "hls/live.m3u8",
        made.poster.name,
    }
    assert found - stills == expected | pieces


def test_templates_are_filled_in_by_the_room_and_when_it_was_asked_for(made: Made) -> None:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d{6})-(\d{17})-(.+)", made.poster.stem)
    assert found, made.poster
    date, instant, room_id = found.groups()
    assert room_id == made.room_id == made.info.room_id
    at = datetime.strptime(instant, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    assert date == f"{at:%Y-%m-%dT%H%M%S}"
    earliest_s, latest_s = made.asked_s
    assert earliest_s - 0.001 <= at.timestamp() <= latest_s, "to a whole millisecond"
    assert at.timestamp() <= made.info.started_at / 1e9, "before its first picture"


def test_the_file(made: Made, footage: Footage) -> None:
    begun_s = made.info.file_results[0].started_at / 1e9
    order = [_name(picture) for _, picture in footage.pictures]
    assert [name for name, _ in itertools.groupby(filter(None, order))] == [BLUE, RED, GREEN]
    for told_s, colour in made.colours[1:]:
        assert begun_s + footage.pictures[order.index(colour)][0] > told_s


def test_the_playlist_says_what_is_in_the_segments(made: Made, playlist: Playlist) -> None:
    assert playlist.is_ended
    assert playlist.target_s == SEGMENT_S
    for segment in playlist.segments[:-1]:
        assert segment.duration_s == pytest.approx(SEGMENT_S, abs=0.3)
    for one, other in itertools.pairwise(playlist.segments):
        begins = [times(made.path(f"hls/{segment.name}"), "video")[0] for segment in (one, other)]
        assert one.duration_s == pytest.approx(begins[1] - begins[0], abs=0.002)
        assert other.wall_s - one.wall_s == pytest.approx(one.duration_s, abs=0.002)
    last = times(made.path(f"hls/{playlist.segments[-1].name}"), "video")
    assert playlist.segments[-1].duration_s == pytest.approx(last[-1] - last[0] + 1 / FPS, abs=0.002)


def test_the_segments_hold_the_very_pictures_of_the_file(
    made: Made, playlist: Playlist, footage: Footage
) -> None:
    shown: list[Thumbnail] = []
    for segment in playlist.segments:
        at_s = made.info.started_at / 1e9 + footage.pictures[len(shown)][0]
        assert segment.wall_s == pytest.approx(at_s, abs=0.002)
        with av.open(str(made.path(f"hls/{segment.name}"))) as container:
            shown += [thumbnail(frame) for frame in container.decode(video=0)]
    assert len(shown) == len(footage.pictures)
    assert all((one == other).all() for one, (_, other) in zip(shown, footage.pictures, strict=True))


def test_the_segments_join_without_a_gap(made: Made, footage: Footage, tmp_path: Path) -> None:
    whole = played(made.path("hls/list.m3u8"), tmp_path / "played.ts")
    pictures, sounds = times(whole, "video"), times(whole, "audio")
    assert [at - pictures[0] for at in pictures] == pytest.approx(
        [at for at, _ in footage.pictures], abs=0.001
    )
    assert {round(b - a, 3) for a, b in itertools.pairwise(sounds)} == {round(1024 / 48_000, 3)}
    assert sound_packets(whole) == sound_packets(made.path("whole.mp4"))


def test_the_tones_come_in_their_order(footage: Footage) -> None:
    windows = [n / 10 for n in range(int(len(footage.sound) / 4800) - 2)]
    begins = {
        hz: next(at_s for at_s in windows if footage.level(hz, at_s, at_s + 0.2) > 0.03) for hz in (440, 1000)
    }
    assert begins[440] < begins[1000]


def test_the_live_playlist(made: Made, playlist: Playlist) -> None:
    running, ended = Playlist.parse(made.live), Playlist.parse(made.path("hls/live.m3u8").read_text())
    assert running.segments
    assert all(made.was_there)
    assert not running.is_ended
    assert (ended.is_ended, ended.segments) == (True, playlist.segments[-5:])
    assert ended.sequence == max(0, len(playlist.segments) - 5)


def test_the_images(made: Made, footage: Footage) -> None:
    files = sorted(made.path("still").iterdir())
    begun_s = made.info.image_results[0].started_at / 1e9
    expected = _first_of_each(footage, INTERVAL_S)
    assert len(files) == len(expected) == made.info.image_results[0].image_count
    for (at_s, picture), file in zip(expected, files, strict=True):
        stamp = datetime.fromtimestamp(begun_s + at_s, UTC).strftime("%Y%m%d%H%M%S")
        assert file.name.startswith(f"at_{stamp}")
        shown = _image(file)
        assert shown.shape[:2] == (16, 16)
        assert shown[0, 8, 0] < 24, "black above the picture"
        assert close_to(_pixel(shown, 8, 8), _pixel(picture, 9, 16))


def test_the_poster_is_the_last_of_its_images(made: Made, footage: Footage) -> None:
    at_s, picture = _first_of_each(footage, POSTER_S)[-1]
    shown = _image(made.poster)
    assert shown.shape == picture.shape
    assert close_to(_pixel(shown, 9, 16), _pixel(picture, 9, 16)), at_s
    assert made.info.image_results[1].image_count == len(_first_of_each(footage, POSTER_S))


def _first_of_each(footage: Footage, interval_s: int) -> list[tuple[float, Thumbnail]]:
    """Return the first picture of each interval."""
    turns = itertools.groupby(footage.pictures, key=lambda picture: int((picture[0] + 1e-6) // interval_s))
    return [next(pictures) for _, pictures in turns]


def _image(file: Path) -> Thumbnail:
    with av.open(str(file)) as container:
        (frame,) = container.decode(video=0)
        return thumbnail(frame.reformat(format="yuv420p", dst_color_range="MPEG"))


def test_the_results(made: Made, playlist: Playlist) -> None:
    (file,), (segments,) = made.info.file_results, made.info.segment_results
    assert segments.playlist_name == f"{made.room}/hls/list.m3u8"
    assert segments.live_playlist_name == f"{made.room}/hls/live.m3u8"
    assert segments.playlist_location.endswith(f"/{segments.playlist_name}")
    assert segments.segment_count == len(playlist.segments)
    assert segments.size == sum(made.path(f"hls/{s.name}").stat().st_size for s in playlist.segments)
    assert segments.duration / 1e9 == pytest.approx(sum(s.duration_s for s in playlist.segments), abs=0.001)
    assert segments.duration == pytest.approx(file.duration, abs=1e9 / FPS + 5e7)
    assert (segments.started_at, segments.ended_at) == (file.started_at, file.ended_at)
    assert [images.filename_prefix for images in made.info.image_results] == [
        f"{made.room}/still/at",
        f"{made.room}/{made.poster.stem}",
    ]
    assert made.info.manifest_location.endswith(f"/{made.room}/whole.json")


def test_the_manifest(made: Made, playlist: Playlist) -> None:
    told = json.loads(made.path("whole.json").read_text())
    assert (told["egress_id"], told["room_name"]) == (made.info.egress_id, made.room)
    assert told["started_at"] == made.info.file_results[0].started_at
    assert [file["filename"] for file in told["files"]] == [f"{made.room}/whole.mp4"]
    (rendition,) = told["playlists"]
    assert [s["filename"] for s in rendition["segments"]] == [
        f"{made.room}/hls/{s.name}" for s in playlist.segments
    ]
    assert len(told["images"]) == sum(images.image_count for images in made.info.image_results)
