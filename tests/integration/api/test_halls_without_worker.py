"""Without an Egress worker a hall is made all the same; its recording waits, and says so on every surface."""

from tests.integration.api.conftest import Api


async def test_a_recording_waits_and_ends_with_its_hall(api: Api) -> None:
    made = await api.http.post("/v1/halls", json={"name": "h", "record": True})
    assert made.status_code == 201
    hall_id = made.json()["hall_id"]
    [waiting] = (await api.http.get(f"/v1/halls/{hall_id}/recordings")).json()
    assert waiting["status"] == "recording"

    again = await api.http.post(f"/v1/rooms/{hall_id}/recording/start")
    assert (again.status_code, again.json()["error"]["code"]) == (503, "capacity")
    assert int(again.headers["retry-after"]) > 0
    other = await api.http.post(f"/api/v1/rooms/{hall_id}/recordings/start")
    assert other.status_code == 409

    assert (await api.http.delete(f"/v1/halls/{hall_id}")).status_code == 204
    [ended] = (await api.http.get(f"/v1/halls/{hall_id}/recordings")).json()
    assert ended["status"] == "failed"
    assert ended["completed_at"] is None


async def test_what_waits_can_be_stopped(api: Api) -> None:
    made = await api.http.post("/v1/halls", json={"name": "h", "record": True})
    hall_id = made.json()["hall_id"]
    stopped = await api.http.post(f"/v1/rooms/{hall_id}/recording/stop")
    assert stopped.status_code == 200, stopped.text
    [ended] = (await api.http.get(f"/v1/halls/{hall_id}/recordings")).json()
    assert ended["status"] == "failed"
