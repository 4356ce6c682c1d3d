"""A room's page: what can be done as long as it is open, and as long as it is recorded."""

import pytest

from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.dashboard import Visitor

_HTMX = {"hx-request": "true"}


async def test_what_only_a_hall_can_be_is_refused_for_a_room(api: Api, visitor: Visitor) -> None:
    forms = (
        {"kind": "room", "name": "A", "record": "1"},
        {"kind": "room", "name": "A", "moderation": "1"},
        {"kind": "hall", "name": "A", "room_id": "own"},
    )
    for form in forms:
        answer = await visitor.send("/rooms", form, **_HTMX)
        assert answer.status_code == 400, form
        assert "hall" in answer.headers["hx-trigger"]
    assert await api.count("rooms") == 0


async def test_a_room_that_is_recorded_is_not_recorded_again(api: Api, visitor: Visitor) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "standup"})
    whole = await visitor.get("/rooms/standup")
    assert "Start recording" in whole
    assert "hx-swap-oob" not in whole
    await Shelf(api).add(RecordingState.RECORDING, "standup")
    for path in ("/rooms/standup", "/rooms/standup?part=now"):
        shown = await visitor.get(path)
        assert "Start recording" not in shown, path
        assert "Change the layout" in shown, path
    assert 'id="record-acts" hx-swap-oob="true"' in shown
    assert '<select id="layout" name="layout" hx-swap-oob="true">' in shown
    refused = await visitor.send("/rooms/standup/record", {"layout": "speaker"}, **_HTMX)
    assert refused.status_code == 409
    assert "already being recorded" in refused.headers["hx-trigger"]


async def test_nobody_is_let_into_a_room_that_is_closed(api: Api, visitor: Visitor) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "standup"})
    assert "Make a join token" in await visitor.get("/rooms/standup")
    await visitor.send("/rooms/standup/close")
    closed = await visitor.get("/rooms/standup")
    for word in ("Make a join token", "Start recording", "Let somebody join"):
        assert word not in closed
    assert 'data-needs="closed"' in await visitor.get("/rooms/standup?part=now"), (
        "a page that is open is loaded anew"
    )


@pytest.mark.parametrize(
    ("state", "goes_on"), [(RecordingState.RECORDING, True), (RecordingState.PAUSED, False)]
)
async def test_the_clock_of_what_is_paused_stands(
    api: Api, visitor: Visitor, state: RecordingState, goes_on: bool
) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "standup"})
    made = await Shelf(api).add(state, "standup")
    for path in ("/", "/rooms", "/rooms/standup", "/recordings", f"/recordings/{made.id}"):
        assert ("data-since" in await visitor.get(path)) == goes_on, path
