"""Seed document 002, by its headings, against the running appliance: real participants, real bucket, decoded clips."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook

from rtcstack.demo import sight
from rtcstack.demo.inspect import inspect
from tests.e2e.conftest import Caller

_ISO_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
_WAIT_S = 60
_FRAME_S = 1 / 30
_FIELDS = {
    "clip_id",
    "recording_id",
    "label",
    "start_seconds",
    "end_seconds",
    "status",
    "bucket_path",
    "created_at",
    "completed_at",
}


async def _recording(caller: Caller, room_id: str) -> str:
    """Return the id of a recording that has just been begun, of somebody whose pictures carry their number."""
    room = await caller.room(room_id, metadata={"order": "7"})
    await caller.join(room, 0, width=320, height=180)
    await caller.until_active(room)
    return str((await caller.recordings(room))[0]["recordingId"])


async def _finished(caller: Caller, room_id: str, for_s: float) -> tuple[str, Path]:
    """Return the id and the file of a recording of about that length."""
    recording_id = await _recording(caller, room_id)
    await asyncio.sleep(for_s)
    await caller.stop(room_id)
    async with asyncio.timeout(_WAIT_S):
        while (await caller.recordings(room_id))[0]["status"] != "ready":
            await asyncio.sleep(0.1)
    return recording_id, await caller.download(room_id)


async def _create(caller: Caller, recording_id: str, status: int = 202, **fields: Any) -> dict[str, Any]:
    answer = await caller.http.post(f"/v1/recordings/{recording_id}/clips", json=fields)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def _told(caller: Caller, name: str, clip_id: str) -> dict[str, Any]:
    """Return the verified event of that name about that clip, once it arrives."""
    verify = Webhook(caller.secret).verify
    seen: list[str] = []
    async with asyncio.timeout(_WAIT_S):
        while True:
            seen = [body.decode() for _, body in caller.endpoint.deliveries if b'"clip.' in body]
            for headers, body in list(caller.endpoint.deliveries):
                told = json.loads(body)
                if told["event"] == name and told["data"]["clip_id"] == clip_id:
                    return dict(verify(body, headers))
            assert not any(clip_id in text and name not in text for text in seen), seen
            await asyncio.sleep(0.1)


async def _clip(caller: Caller, clip_id: str) -> dict[str, Any]:
    return dict((await caller.http.get(f"/v1/clips/{clip_id}")).raise_for_status().json())


async def _fetch(url: str, file: Path) -> Path:
    async with httpx.AsyncClient() as plain:
        content = (await plain.get(url)).raise_for_status().content
    await asyncio.to_thread(file.write_bytes, content)
    return file


def _numbers(file: Path) -> list[tuple[float, int]]:
    """Return when which of the participant's pictures is shown."""
    return [(frame.time_s, frame.seen[0].number) for frame in sight.look(file, [0]) if 0 in frame.seen]


def _standing(file: Path, at_s: float) -> int:
    """Return which of the participant's pictures is to be seen at that time: on a busy machine one may stand for a while."""
    return next(number for begins_s, number in reversed(_numbers(file)) if begins_s <= at_s + 1e-3)


async def test_a_clips_life(caller: Caller) -> None:
    recording_id, whole = await _finished(caller, "clipped", 5)
    before = len([d for d in caller.endpoint.deliveries if b"clip." in d[1]])

    # "Create a clip", "Request body": "label", "start_seconds", "end_seconds": "Supports decimals."
    made = await _create(caller, recording_id, label="key-moment", start_seconds=1.25, end_seconds=3.5)
    # "Queues a clip extraction job. The clip is processed asynchronously"; "Response"
    assert made == {
        "clip_id": made["clip_id"],
        "recording_id": recording_id,
        "label": "key-moment",
        "start_seconds": 1.25,
        "end_seconds": 3.5,
        "status": "processing",
        "bucket_path": None,
        "created_at": made["created_at"],
        "completed_at": None,
    }
    assert re.match(r"clip_[0-9a-z]{26}\Z", made["clip_id"])
    assert _ISO_MS.match(made["created_at"])

    # "subscribe to the clip.ready webhook to know when it's available."
    told = await _told(caller, "clip.ready", made["clip_id"])
    assert _ISO_MS.match(told["timestamp"])
    data = told["data"]
    assert data.pop("metadata") == {"order": "7"}

    # "The clip object", "Clip lifecycle": "complete"
    assert set(data) == _FIELDS
    assert data == {
        **made,
        "status": "complete",
        "bucket_path": data["bucket_path"],
        "completed_at": data["completed_at"],
    }
    assert _ISO_MS.match(data["completed_at"])
    # "label": "Used in the S3 path."; "uploaded to your S3 bucket alongside the original recording."
    assert data["bucket_path"] == f"clipped/clips/key-moment-{made['clip_id']}.mp4"

    shown = await _clip(caller, made["clip_id"])
    assert shown == {**data, "progress": 1.0, "download_url": shown["download_url"]}
    assert data["bucket_path"] in shown["download_url"]
    listed = (await caller.http.get(f"/v1/recordings/{recording_id}/clips")).raise_for_status().json()
    assert listed == [data]

    # "Slice any completed recording into a re-encoded clip": the very pictures, decoded.
    file = await _fetch(shown["download_url"], caller.folder / "clip.mp4")
    seen = inspect(file, [0])
    assert abs(seen.duration_s - 2.25) < 0.1
    assert seen.video is not None
    assert seen.audio is not None
    assert (seen.video.codec, seen.audio.codec) == ("h264", "aac")
    [(begins_s, number), *_] = _numbers(file)
    assert begins_s < _FRAME_S
    assert abs(number - _standing(whole, 1.25)) <= 1
    assert len([d for d in caller.endpoint.deliveries if b"clip." in d[1]]) == before + 1

    # A deleted one is gone, and its file with it.
    assert (await caller.http.delete(f"/v1/clips/{made['clip_id']}")).status_code == 204
    assert (await caller.http.get(f"/v1/clips/{made['clip_id']}")).status_code == 404
    async with httpx.AsyncClient() as plain, asyncio.timeout(_WAIT_S):
        while (await plain.get(shown["download_url"])).status_code != 404:
            await asyncio.sleep(0.1)


async def test_what_is_added_smart_clips_odd_labels_and_previews(caller: Caller) -> None:
    recording_id, whole = await _finished(caller, "smartly", 6)
    labels = {"../../etc/passwd": "etc-passwd", "🎥": "clip", "Größe / Farbe": "grosse-farbe"}
    for label, slug in labels.items():
        made = await _create(
            caller, recording_id, label=label, start_seconds=0.5, end_seconds=5, mode="smart"
        )
        data = (await _told(caller, "clip.ready", made["clip_id"]))["data"]
        assert (data["label"], data["bucket_path"]) == (label, f"smartly/clips/{slug}-{made['clip_id']}.mp4")
    file = await _fetch((await _clip(caller, made["clip_id"]))["download_url"], caller.folder / "smart.mp4")
    assert abs(_numbers(file)[0][1] - _standing(whole, 0.5)) <= 1

    path = f"/v1/recordings/{recording_id}"
    async with asyncio.timeout(_WAIT_S):
        while (answer := await caller.http.get(f"{path}/previews")).status_code == 404:
            await asyncio.sleep(0.2)
    previews = answer.raise_for_status().json()
    poster = await _fetch(previews["poster_url"], caller.folder / "poster.jpg")
    assert poster.read_bytes().startswith(b"\xff\xd8\xff")
    board = previews["storyboard"]
    assert board["vtt_url"] == f"{path}/storyboard.vtt"
    vtt = await caller.http.get(board["vtt_url"])
    assert vtt.headers["content-type"].startswith("text/vtt")
    lines = vtt.text.splitlines()
    assert lines[0] == "WEBVTT"
    sprite, _, place = lines[3].partition("#xywh=")
    assert place == f"0,0,{board['tile_width']},{board['tile_height']}"
    assert (await _fetch(sprite, caller.folder / "sprite.jpg")).read_bytes().startswith(b"\xff\xd8\xff")

    # The recording's object is held against what the recorder wrote.
    async with asyncio.timeout(_WAIT_S):
        while "verified_at" not in (
            found := (await caller.http.get(f"/api{path}")).raise_for_status().json()["data"]
        ):
            assert "verify_error" not in found, found
            await asyncio.sleep(0.2)


async def test_clips_of_a_recording_that_still_runs(caller: Caller) -> None:
    recording_id = await _recording(caller, "running")
    await asyncio.sleep(3)
    made = await _create(caller, recording_id, label="so far", start_seconds=1, end_seconds=4.5)
    data = (await _told(caller, "clip.ready", made["clip_id"]))["data"]
    assert (await caller.status("running"))["active"] is True
    file = await _fetch((await _clip(caller, made["clip_id"]))["download_url"], caller.folder / "clip.mp4")
    numbers = _numbers(file)
    assert data["status"] == "complete"
    late = await _create(caller, recording_id, label="the end", start_seconds=4, end_seconds=5)
    await caller.stop("running")
    await _told(caller, "clip.ready", late["clip_id"])
    async with asyncio.timeout(_WAIT_S):
        while (await caller.recordings("running"))[0]["status"] != "ready":
            await asyncio.sleep(0.1)
    assert abs(numbers[0][1] - _standing(await caller.download("running"), 1)) <= 1
    assert abs(inspect(file, [0]).duration_s - 3.5) < 0.1


async def test_a_clip_that_fails(caller: Caller) -> None:
    """It is of "Clip lifecycle", "failed": "Extraction failed. Check that the time range is valid."."""
    recording_id = await _recording(caller, "cut-short")
    made = await _create(caller, recording_id, label="too late", start_seconds=6, end_seconds=9)
    # "processing": "Clip extraction job is queued or running."
    shown = await _clip(caller, made["clip_id"])
    assert (shown["status"], shown["download_url"]) == ("processing", None)
    await caller.stop("cut-short")
    told = (await _told(caller, "clip.failed", made["clip_id"]))["data"]
    assert told == {**made, "status": "failed", "metadata": {"order": "7"}, "error": told["error"]}
    assert "9 s" in told["error"]
    shown = await _clip(caller, made["clip_id"])
    assert (shown["status"], shown["error_code"], shown["bucket_path"]) == ("failed", "invalid_range", None)


async def test_a_time_range_that_is_not_valid(caller: Caller) -> None:
    """What is known to be wrong is refused at once."""
    recording_id, _ = await _finished(caller, "ranges", 2)
    asked = {"label": "x", "start_seconds": 0, "end_seconds": 1}
    # "Must be greater than start_seconds."
    for wrong in ({"end_seconds": 0}, {"start_seconds": 1}, {"end_seconds": 500}, {"start_seconds": -1}):
        error = (await _create(caller, recording_id, 400, **{**asked, **wrong}))["error"]
        assert error["code"] in {"invalid_range", "invalid_request"}, error
    # "required"
    for field in asked:
        given = {name: value for name, value in asked.items() if name != field}
        error = (await _create(caller, recording_id, 400, **given))["error"]
        assert error["details"]["fields"] == [{"field": field, "message": "is required"}]
    error = (await _create(caller, "rec_01j9x2kp3n8fxrqk4m2b", 404, **asked))["error"]
    assert error["code"] == "recording_not_found"
