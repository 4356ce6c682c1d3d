"""What sync finds in the bucket: recordings that others made, each once; whatever else lies there stays what it is."""

import asyncio
import io
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf

_SYNC = "/api/v1/rooms/shelf/recordings/sync"
_AT = "2024-04-21T10-00-0"


@pytest.fixture
async def shelf(api: Api) -> Shelf:
    shelf = Shelf(api)
    for key in shelf.keys(shelf.bucket):
        shelf.s3.remove_object(shelf.bucket, key)
    await shelf.room()
    return shelf


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Seven seconds as a stock recorder leaves them, its index at the end."""
    file = tmp_path_factory.mktemp("film") / "film.mp4"
    video = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-c:v", "libx264", "-preset", "ultrafast"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "aac"]
    inputs, codecs = [*video[:4], *sound[:4]], [*video[4:], *sound[4:]]
    subprocess.run(["ffmpeg", "-v", "error", *inputs, "-t", "7", *codecs, str(file)], check=True)
    return file.read_bytes()


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    """One that libav would take for a video of one frame."""
    file = tmp_path / "picture.png"
    argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc", "-frames:v", "1", str(file)]
    subprocess.run(argv, check=True)
    return file.read_bytes()


def _put(shelf: Shelf, name: str, data: bytes) -> str:
    shelf.s3.put_object(shelf.bucket, f"shelf/{name}", io.BytesIO(data), len(data), "video/mp4")
    return f"shelf/{name}"


async def _sync(api: Api) -> dict[str, Any]:
    answer = await api.http.post(_SYNC)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


async def test_an_object_is_imported_once_with_its_own_length_and_streams(
    api: Api, shelf: Shelf, film: bytes
) -> None:
    keys = {_put(shelf, f"{_AT}{n}.mp4", film) for n in range(2)}
    _put(shelf, "clips/a.mp4", film)
    _put(shelf, "readme.txt", b"not ours")
    answers = await asyncio.gather(*(_sync(api) for _ in range(3)))
    imported = [entry for answer in answers for entry in answer["recordings"]]
    assert sum(answer["synced_count"] for answer in answers) == len(imported) == len(keys)
    assert await _sync(api) == {"synced_count": 0, "recordings": []}
    for entry in imported:
        found = await shelf.get(entry["id"])
        assert (found["status"], found["duration_seconds"], found["size_bytes"]) == ("ready", 7, len(film))
        recording = await api.platform.services.recording_query.get("default", entry["id"])
        assert recording.streams == {"video": "h264,320x240,25", "audio": "aac,48000,1"}
        keys.remove(recording.object_key)
    assert not keys
    assert await api.count("outbox") == 2  # recording.complete of each
    assert (await api.http.delete(f"/api/v1/recordings/{imported[0]['id']}")).status_code == 200
    assert await _sync(api) == {"synced_count": 0, "recordings": []}


async def test_what_is_no_recording_is_named_and_not_imported(
    api: Api, shelf: Shelf, film: bytes, picture: bytes
) -> None:
    wrong = {
        _put(shelf, f"{_AT}0.mp4", b""),
        _put(shelf, f"{_AT}1.mp4", b"ten bytes."),
        _put(shelf, f"{_AT}2.mp4", film[: len(film) // 2]),
        _put(shelf, f"{_AT}3.mp4", b"#EXTM3U\n#EXTINF:5,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"),
        _put(shelf, f"{_AT}4.mp4", picture),
        _put(shelf, "2999-01-01T00-00-00.mp4", film),
    }
    for _ in range(2):
        synced = await _sync(api)
        assert (synced["synced_count"], synced["recordings"]) == (0, [])
        assert {skipped["object_key"] for skipped in synced["skipped"]} == wrong
        assert all(skipped["reason"] for skipped in synced["skipped"])
    assert await api.count("recordings") == 0
    assert shelf.keys(shelf.bucket) == wrong
