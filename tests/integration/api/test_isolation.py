"""Nobody sees, or learns of, what belongs to another tenant: every route that takes an id is called with theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.integration.api.routes import Route, routes_with_ids

_UNKNOWN = {
    "room_id": "never-there",
    "hall_id": "h_01j9x2kp3n8fxrqk4m2b",
    "recording_id": "rec_01j9x2kp3n8fxrqk4m2b",
    "clip_id": "clip_01j9x2kp3n8fxrqk4m2b",
    "webhook_id": "whk_01j9x2kp3n8fxrqk4m2b",
    "identity": "ada",
}
_TEN_KB = "x" * 10_240
_BAD = (_TEN_KB, "%2e%2e", "%2e%2e%2f%2e%2e%2fetc", "%00", "a%20b", "%ff", "%F0%9F%8E%A5", "%25", "'%22;--")


@dataclass
class Belongings:
    """One tenant's room, hall, recording, clip and webhook."""

    headers: dict[str, str]
    ids: dict[str, str]

    async def are_untouched(self, api: Api) -> None:
        for path in (
            f"/v1/rooms/{self.ids['room_id']}",
            f"/v1/halls/{self.ids['hall_id']}",
            f"/api/v1/recordings/{self.ids['recording_id']}",
            f"/v1/clips/{self.ids['clip_id']}",
        ):
            assert (await api.http.get(path, headers=self.headers)).status_code == 200, path
        recording = await api.http.get(f"/v1/recordings/{self.ids['recording_id']}", headers=self.headers)
        assert recording.json()["status"] == "complete"
        hall = await api.http.get(f"/v1/halls/{self.ids['hall_id']}", headers=self.headers)
        assert hall.json()["status"] == "active"
        webhooks = await api.http.get("/v1/webhooks", headers=self.headers)
        assert [webhook["id"] for webhook in webhooks.json()] == [self.ids["webhook_id"]]


async def belongings(api: Api, tenant: str) -> Belongings:
    headers = await api.key(tenant)

    async def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await api.http.post(path, json=body, headers=headers)
        return dict(answer.raise_for_status().json())

    room = await made("/v1/rooms", {"roomId": f"room-of-{tenant}"})
    hall = await made("/v1/halls", {"name": tenant})
    webhook = await made("/v1/webhooks", {"url": "http://127.0.0.1:9/"})
    recording = await Shelf(api).add(RecordingState.READY, room["roomId"], tenant=tenant)
    asked = {"label": "known", "start_seconds": 0, "end_seconds": 1}
    clip = await made(f"/v1/recordings/{recording.id}/clips", asked)
    ids = {
        "room_id": room["roomId"],
        "hall_id": hall["hall_id"],
        "recording_id": recording.id,
        "clip_id": clip["clip_id"],
        "webhook_id": webhook["id"],
        "identity": "ada",
    }
    return Belongings(headers, ids)


def _error(answer: httpx.Response) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500, (answer.request.method, answer.request.url, answer.text)
    error = answer.json()["error"]
    assert {"code", "message", "request_id"} <= set(error)
    assert answer.headers["x-request-id"] == error["request_id"]
    return dict(error)


def _without_ids(error: Mapping[str, Any], ids: Mapping[str, str]) -> str:
    text = str({name: value for name, value in error.items() if name != "request_id"})
    for id_ in ids.values():
        text = text.replace(id_, "…")
    return text


async def looks_unknown(api: Api, route: Route, ids: dict[str, str], headers: dict[str, str]) -> None:
    theirs = await route.call(api, ids, headers)
    unknown = await route.call(api, _UNKNOWN, headers)
    where = (route.method, route.path)
    if route.makes_a_room_known:
        assert theirs.status_code == unknown.status_code == 200, where
        return
    assert theirs.status_code == unknown.status_code == 404, (where, theirs.text, unknown.text)
    assert _without_ids(_error(theirs), ids) == _without_ids(_error(unknown), _UNKNOWN), where


@pytest.mark.parametrize(("owner", "caller"), [("acme", "default"), ("default", "acme"), ("acme", "other")])
async def test_what_another_tenant_has_looks_like_what_nobody_has(api: Api, owner: str, caller: str) -> None:
    theirs = await belongings(api, owner)
    headers = await api.key(caller)
    for route in await routes_with_ids(api):
        await looks_unknown(api, route, theirs.ids, headers)
        if "room_id" in route.params:
            await looks_unknown(api, route, {**theirs.ids, "room_id": theirs.ids["hall_id"]}, headers)
    await theirs.are_untouched(api)


async def test_lists_hold_nothing_of_another_tenant(api: Api) -> None:
    theirs = await belongings(api, "acme")
    for path in ("/v1/rooms", "/v1/halls", "/v1/webhooks", "/api/v1/recordings", "/v1/events"):
        mine = (await api.http.get(path)).raise_for_status().text
        assert not any(id_ in mine for name, id_ in theirs.ids.items() if name != "identity"), path


@pytest.mark.parametrize("bad", _BAD)
async def test_an_id_that_nothing_can_have_is_refused(api: Api, bad: str) -> None:
    headers = dict(api.http.headers)
    for route in await routes_with_ids(api):
        _error(await route.call(api, dict.fromkeys(route.params, bad), headers, is_raw=True))


async def test_an_id_of_another_kind_leads_nowhere(api: Api) -> None:
    mine = await belongings(api, "default")
    for route in await routes_with_ids(api):
        if route.makes_a_room_known:
            continue
        for other in mine.ids.values():
            swapped = {
                name: other
                if own != other and not (name == "room_id" and other == mine.ids["hall_id"])
                else "no"
                for name, own in mine.ids.items()
            }
            _error(await route.call(api, swapped, mine.headers))
    await mine.are_untouched(api)
