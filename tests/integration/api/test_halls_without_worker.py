"""Without an Egress worker a hall is made all the same; its recording waits, and each surface keeps its document's shapes."""

import json
import re

from tests.integration.api.conftest import Api

_ISO_S = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


async def _waiting(api: Api) -> str:
    made = await api.http.post("/v1/halls", json={"name": "h", "record": True})
    assert made.status_code == 201
    hall_id = str(made.json()["hall_id"])
    [waiting] = (await api.http.get(f"/v1/halls/{hall_id}/recordings")).json()
    assert waiting["status"] == "recording"
    return hall_id


async def _ended(api: Api, hall_id: str) -> list[str]:
    """Return the events about its one recording, which has failed."""
    [ended] = (await api.http.get(f"/v1/halls/{hall_id}/recordings")).json()
    assert (ended["status"], ended["completed_at"]) == ("failed", None)
    rows = await api.platform._adapters.db.all(
        "SELECT body FROM outbox WHERE room_id = :room_id AND event NOT LIKE 'hall.%'", room_id=hall_id
    )
    return [json.loads(row["body"])["event"] for row in rows]


async def test_a_recording_waits_and_ends_with_its_hall(api: Api) -> None:
    hall_id = await _waiting(api)
    again = await api.http.post(f"/v1/rooms/{hall_id}/recording/start")
    assert (again.status_code, again.json()["error"]["code"]) == (503, "capacity")
    assert int(again.headers["retry-after"]) > 0
    other = await api.http.post(f"/api/v1/rooms/{hall_id}/recordings/start")
    assert other.status_code == 409

    assert (await api.http.delete(f"/v1/halls/{hall_id}")).status_code == 204
    # There was no egress, so none has ended (document 004: `egressId` is a string).
    assert await _ended(api, hall_id) == ["recording.failed"]


async def test_on_the_rooms_surface_what_waits_is_not_active_and_a_stop_cancels_it(api: Api) -> None:
    hall_id = await _waiting(api)
    path = f"/v1/rooms/{hall_id}/recording"
    assert (await api.http.get(path)).json() == {"active": False}
    stopped = await api.http.post(f"{path}/stop")
    error = stopped.json()["error"]
    assert (stopped.status_code, error["code"]) == (404, "recording_not_active")
    assert "is cancelled" in error["message"]
    assert await _ended(api, hall_id) == ["recording.failed"]
    again = await api.http.post(f"{path}/stop")
    assert (again.status_code, "cancelled" in again.json()["error"]["message"]) == (404, False)


async def test_in_the_library_what_waits_is_recording_and_a_stop_ends_it(api: Api) -> None:
    hall_id = await _waiting(api)
    [listed] = (await api.http.get(f"/api/v1/recordings?room_id={hall_id}")).json()["data"]
    assert listed["status"] == "recording"
    answer = await api.http.post(f"/api/v1/rooms/{hall_id}/recordings/stop")
    stopped = answer.json()["data"]
    assert (answer.status_code, stopped["status"]) == (200, "processing")
    assert _ISO_S.match(stopped["stopped_at"])
    found = (await api.http.get(f"/api/v1/recordings/{listed['id']}")).json()["data"]
    assert (found["status"], found["stopped_at"]) == ("failed", stopped["stopped_at"])
    assert await _ended(api, hall_id) == ["recording.failed"]
