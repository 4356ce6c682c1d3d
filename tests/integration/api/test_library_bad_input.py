"""What callers of the library do wrong, and what they may not see."""

from typing import Any

import pytest

from rtcstack.domain.api_key import Scope
from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf

_ALL = "/api/v1/recordings"
_OF_ONE = [
    ("GET", ""),
    ("GET", "/download"),
    ("POST", "/archive"),
    ("POST", "/restore"),
    ("POST", "/recover"),
    ("POST", "/retry"),
    ("DELETE", ""),
]


def _error(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    return dict(response.json()["error"])


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=many",
        "limit=",
        "limit=1e2",
        "limit=1.0",
        "limit=+5",
        "offset=1e2",
        "room_id=_t",
        "room_id=a/b",
        "room_id=",
        "offset=-1",
        "offset=x",
        "offset=99999999999999999999",
        "status=done",
        "cursor=nonsense",
        "cursor=",
        "cursor=MS5yZWNfMQ&offset=1",
    ],
)
async def test_a_bad_page_is_400_and_named(api: Api, query: str) -> None:
    error = _error(await api.http.get(f"{_ALL}?{query}"), 400)
    [fault] = error["details"]["fields"]
    assert fault["field"] in query
    assert "Expected" not in error["message"]


async def test_errors_have_the_words_of_the_surface_that_was_called(api: Api) -> None:
    library = _error(await api.http.post("/api/v1/rooms/nowhere/recordings/start"), 404)
    rooms = _error(await api.http.post("/v1/rooms/nowhere/recording/start"), 404)
    assert (library["details"], rooms["details"]) == ({"room_id": "nowhere"}, {"roomId": "nowhere"})
    bad = _error(await api.http.post("/api/v1/rooms/_x/recordings/start"), 400)
    assert [fault["field"] for fault in bad["details"]["fields"]] == ["room_id"]
    bad = _error(await api.http.post("/v1/rooms", json={"roomId": "_x"}), 400)
    assert [fault["field"] for fault in bad["details"]["fields"]] == ["roomId"]


@pytest.mark.parametrize(
    ("state", "word"),
    [(RecordingState.STOPPING, "processing"), (RecordingState.PAUSED, "recording")],
)
async def test_a_status_is_the_librarys_own_word(api: Api, state: RecordingState, word: str) -> None:
    shelf = Shelf(api)
    await shelf.room()
    recording = await shelf.add(state)
    error = _error(await api.http.post(f"{_ALL}/{recording.id}/restore"), 409)
    assert error["details"] == {"status": word}


async def test_a_huge_limit_is_100(api: Api) -> None:
    answer = await api.http.get(_ALL, params={"limit": 10**30})
    assert answer.json() == {"data": [], "meta": {"total": 0, "limit": 100, "offset": 0}}


@pytest.mark.parametrize(("method", "path"), _OF_ONE)
async def test_unknown_foreign_and_deleted_ids_are_one_404(api: Api, method: str, path: str) -> None:
    shelf = Shelf(api)
    acme = await api.key("acme")
    await shelf.room(headers=acme)
    theirs = await shelf.add(RecordingState.READY, tenant="acme")
    await shelf.room()
    deleted = await shelf.add(RecordingState.READY)
    assert (await api.http.delete(f"{_ALL}/{deleted.id}")).status_code == 200
    ids = [theirs.id, deleted.id, "rec_none", "h_1", "..%2e%2e", "x" * 10_000, "%00", "' OR 1=1"]
    bodies = []
    for recording_id in ids:
        error = _error(await api.http.request(method, f"{_ALL}/{recording_id}{path}"), 404)
        bodies.append((error["code"], error["message"].replace(recording_id, "")))
    assert bodies[0] == bodies[1] == bodies[2]
    assert {code for code, _ in bodies} == {"recording_not_found"}
    listed = (await api.http.get(_ALL)).json()
    assert (listed["data"], listed["meta"]["total"]) == ([], 0)
    assert (await api.http.get(_ALL, headers=acme)).json()["meta"]["total"] == 1


async def test_the_documents_words_for_what_the_state_does_not_allow(api: Api) -> None:
    shelf = Shelf(api)
    await shelf.room()
    ready = await shelf.add(RecordingState.READY)
    shelf.put(ready.object_key)
    unlinked = await shelf.add(RecordingState.PROCESSING, egress_id=None)
    active = await shelf.add(RecordingState.RECORDING)
    not_ready = "Recording is not in ready status or not stored in R2"
    not_stalled = "Recording is not in processing status or missing Cloudflare recording ID"
    for recording, verb, status, message in (
        (unlinked, "archive", 400, not_ready),
        (active, "archive", 400, not_ready),
        (ready, "recover", 400, not_stalled),
        (active, "recover", 400, not_stalled),
        (unlinked, "recover", 400, not_stalled),
        (ready, "restore", 409, "Recording is not archived"),
        (ready, "retry", 409, "Recording is not in failed status"),
    ):
        answer = await api.http.post(f"{_ALL}/{recording.id}/{verb}")
        assert _error(answer, status)["message"] == message
    assert (await api.http.post(f"{_ALL}/{ready.id}/archive")).status_code == 200
    assert _error(await api.http.post(f"{_ALL}/{ready.id}/archive"), 400)["message"] == not_ready
    assert _error(await api.http.delete(f"{_ALL}/{active.id}"), 409)["code"] == "recording_active"
    assert (await api.http.delete(f"{_ALL}/{ready.id}")).status_code == 200
    _error(await api.http.delete(f"{_ALL}/{ready.id}"), 404)


async def test_start_and_stop_refuse_in_the_documents_words(api: Api) -> None:
    shelf = Shelf(api)
    await shelf.room()
    rooms = "/api/v1/rooms"
    stop = await api.http.post(f"{rooms}/shelf/recordings/stop")
    assert _error(stop, 404)["message"] == "No active recording for this room"
    assert _error(await api.http.post(f"{rooms}/nowhere/recordings/stop"), 404)
    await shelf.add(RecordingState.RECORDING)
    start = await api.http.post(f"{rooms}/shelf/recordings/start")
    assert _error(start, 409)["message"] == "Room is already being recorded"
    for verb in ("start", "stop", "sync"):
        assert _error(await api.http.post(f"{rooms}/a:b/recordings/{verb}"), 400)["code"] == "invalid_room_id"
    for verb in ("start", "sync"):
        _error(await api.http.post(f"{rooms}/nowhere/recordings/{verb}"), 404)


async def test_a_reading_key_reads_and_nothing_else(api: Api) -> None:
    reading = await api.key(scope=Scope.READ)
    assert (await api.http.get(_ALL, headers=reading)).status_code == 200
    for method, path in (("POST", "/rec_x/archive"), ("DELETE", "/rec_x"), ("POST", "/rec_x/recover")):
        _error(await api.http.request(method, _ALL + path, headers=reading), 403)
