"""What callers of clips do wrong, and what they may not see."""

import asyncio
import json
from typing import Any

import pytest

from rtcstack.domain.api_key import Scope
from rtcstack.domain.recording import Recording, RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf

_GOOD = {"label": "key-moment", "start_seconds": 1, "end_seconds": 2.5}


def _error(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    return dict(response.json()["error"])


async def _recording(api: Api, state: RecordingState = RecordingState.READY, **given: Any) -> Recording:
    """Return one of a minute; its object is not in the bucket."""
    shelf = Shelf(api)
    await shelf.room()
    return await shelf.add(state, **given)


async def _post(api: Api, recording_id: str, body: Any, **given: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", **given}
    return await api.http.post(f"/v1/recordings/{recording_id}/clips", content=content, headers=headers)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"label": ""}, "label"),
        ({"label": 7}, "label"),
        ({"label": None}, "label"),
        ({"label": ["a"]}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"label": "x" * 10_240}, "label"),
        ({"label": "two\nlines"}, "label"),
        ({"label": "\u0000"}, "label"),
        ({"label": "   "}, "label"),
        ({"start_seconds": "1"}, "start_seconds"),
        ({"start_seconds": True}, "start_seconds"),
        ({"start_seconds": None}, "start_seconds"),
        ({"start_seconds": -0.001}, "start_seconds"),
        ({"start_seconds": 60, "end_seconds": 60.5}, "start_seconds"),
        ({"start_seconds": 1e308, "end_seconds": 1.1e308}, "end_seconds"),
        ({"end_seconds": 1}, "end_seconds"),
        ({"end_seconds": 0.5}, "end_seconds"),
        ({"end_seconds": 61.5}, "end_seconds"),
        ({"end_seconds": 1e308}, "end_seconds"),
        ({"end_seconds": [2]}, "end_seconds"),
        ({"mode": "fast"}, "mode"),
        ({"mode": None}, "mode"),
        ({"clip_id": "clip_mine"}, "clip_id"),
        ({"status": "complete"}, "status"),
    ],
)
async def test_a_wrong_field_is_named(api: Api, fields: dict[str, Any], named: str) -> None:
    recording = await _recording(api)
    error = _error(await _post(api, recording.id, {**_GOOD, **fields}), 400)
    assert named in {fault["field"] for fault in error["details"]["fields"]}
    assert await api.count("clips") == await api.count("jobs") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'"x"',
        b'{"label": "x", "start_seconds": NaN, "end_seconds": 2}',
        b'{"label": "x", "start_seconds": 0, "end_seconds": Infinity}',
        b'{"label": "x", "start_seconds": 0, "end_seconds": 1e999}',
        b'{"label": "x", "start_seconds": 0, "end_seconds": 1' + b"0" * 400 + b"}",
        b'{"label": "\\ud800", "start_seconds": 0, "end_seconds": 1}',
        b'{"label": "\xff", "start_seconds": 0, "end_seconds": 1}',
        b"[" * 5000,
    ],
)
async def test_a_body_that_is_none_is_refused(api: Api, body: bytes) -> None:
    recording = await _recording(api)
    _error(await _post(api, recording.id, body), 400)
    assert await api.count("clips") == 0


async def test_a_body_over_a_mebibyte_is_refused(api: Api) -> None:
    recording = await _recording(api)
    _error(await _post(api, recording.id, {**_GOOD, "label": "x" * (1024 * 1024)}), 413)


@pytest.mark.parametrize(
    "label", ["../../etc/passwd", "a/b", "🎥", "a" * 200, " x ", "<script>", "%2e%2e", "日本"]
)
async def test_an_odd_label_comes_back_as_it_was_and_leads_nowhere(api: Api, label: str) -> None:
    recording = await _recording(api)
    answer = await _post(api, recording.id, {**_GOOD, "label": label})
    assert (answer.status_code, answer.json()["label"]) == (202, label)
    listed = (await api.http.get(f"/v1/recordings/{recording.id}/clips")).json()
    assert [clip["label"] for clip in listed] == [label]


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (RecordingState.QUEUED, 409, "recording_not_begun"),
        (RecordingState.STARTING, 409, "recording_not_begun"),
        (RecordingState.RECORDING, 400, "invalid_range"),  # it is long past a minute, and so is the range
        (RecordingState.STOPPING, 202, None),
        (RecordingState.PROCESSING, 202, None),
        (RecordingState.READY, 202, None),
        (RecordingState.FAILED, 409, "recording_failed"),
    ],
)
async def test_each_state_has_its_answer(
    api: Api, state: RecordingState, status: int, code: str | None
) -> None:
    recording = await _recording(api, state, error="the encoder died")
    asked = {**_GOOD, "end_seconds": 1e6, "start_seconds": 999_999} if status == 400 else _GOOD
    answer = await _post(api, recording.id, asked)
    assert answer.status_code == status, answer.text
    if code:
        assert _error(answer, status)["code"] == code
    if code == "recording_failed":
        assert "the encoder died" in answer.text


async def test_an_archived_one_whose_object_is_gone_is_refused(api: Api) -> None:
    recording = await _recording(api, RecordingState.ARCHIVED)
    answer = await _post(api, recording.id, _GOOD)
    assert _error(answer, 409)["code"] == "file_missing"


async def test_a_source_object_that_is_gone_fails_the_clip_with_words(api: Api) -> None:
    recording = await _recording(api)
    made = (await _post(api, recording.id, _GOOD)).json()
    for _ in range(100):
        found = (await api.http.get(f"/v1/clips/{made['clip_id']}")).json()
        if found["status"] != "processing":
            break
        await asyncio.sleep(0.1)
    assert (found["status"], found["error_code"]) == ("failed", "object_not_found")
    assert recording.object_key in found["error"]
    assert (found["bucket_path"], found["completed_at"], found["download_url"]) == (None, None, None)


async def test_a_deleted_recording_has_no_clips(api: Api) -> None:
    recording = await _recording(api)
    made = (await _post(api, recording.id, _GOOD)).json()
    await api.http.delete(f"/api/v1/recordings/{recording.id}")
    for path in (f"/v1/recordings/{recording.id}/clips", f"/v1/clips/{made['clip_id']}"):
        _error(await api.http.get(path), 404)
    _error(await _post(api, recording.id, _GOOD), 404)
    _error(await api.http.delete(f"/v1/clips/{made['clip_id']}"), 404)


async def test_a_key_that_may_only_read_makes_and_deletes_none(api: Api) -> None:
    recording = await _recording(api)
    made = (await _post(api, recording.id, _GOOD)).json()
    reader = await api.key(scope=Scope.READ)
    assert _error(await _post(api, recording.id, _GOOD, **reader), 403)["code"] == "scope_required"
    path = f"/v1/clips/{made['clip_id']}"
    _error(await api.http.delete(path, headers=reader), 403)
    assert (await api.http.get(path, headers=reader)).status_code == 200


async def test_the_same_call_under_one_key_makes_one_clip(api: Api) -> None:
    recording = await _recording(api)
    answers = [await _post(api, recording.id, _GOOD, **{"idempotency-key": "clip-1"}) for _ in range(3)]
    assert len({answer.json()["clip_id"] for answer in answers}) == 1
    assert await api.count("clips") == 1
