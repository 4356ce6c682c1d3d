"""Rooms and tokens against the real LiveKit."""

import jwt

from tests.integration.api.conftest import Api


async def test_a_room_is_made_listed_shown_and_closed(api: Api) -> None:
    made = (
        await api.http.post("/v1/rooms", json={"roomId": "a", "name": "A room", "maxParticipants": 5})
    ).json()
    assert made | {"createdAt": ""} == {
        "roomId": "a",
        "name": "A room",
        "maxParticipants": 5,
        "metadata": {},
        "createdAt": "",
    }
    second = (await api.http.post("/v1/rooms", json={"metadata": {"customer": "c1"}})).json()
    assert second["roomId"].startswith("room_")
    listed = (await api.http.get("/v1/rooms")).json()
    assert {room["roomId"] for room in listed} == {"a", second["roomId"]}
    assert (await api.http.get("/v1/rooms/a")).json() == made
    assert await api.platform._adapters.livekit.has_room("a")
    assert (await api.http.delete("/v1/rooms/a")).status_code == 204
    assert not await api.platform._adapters.livekit.has_room("a")
    assert (await api.http.get("/v1/rooms/a")).status_code == 404
    assert (await api.http.get("/v1/rooms/a/recordings")).json() == []


async def test_tokens_carry_the_role(api: Api) -> None:
    grants = {}
    for role in ("participant", "host", "viewer"):
        asked = {"identity": "alice", "name": "Alice", "role": role, "ttlSeconds": 600}
        answer = await api.http.post("/v1/rooms/later/tokens", json=asked)
        assert answer.status_code == 200
        body = answer.json()
        assert body["url"] == api.settings.livekit.ws_url
        claims = jwt.decode(body["token"], api.settings.livekit.api_secret.get_secret_value(), ["HS256"])
        assert (claims["sub"], claims["name"], claims["video"]["room"]) == ("alice", "Alice", "later")
        grants[role] = (claims["video"]["canPublish"], bool(claims["video"].get("roomAdmin")))
    assert grants == {"participant": (True, False), "host": (True, True), "viewer": (False, False)}


async def test_another_tenants_token_is_for_another_room(api: Api) -> None:
    answer = await api.http.post("/v1/rooms/x/tokens", json={"identity": "a"}, headers=await api.key("acme"))
    claims = jwt.decode(answer.json()["token"], options={"verify_signature": False})
    assert claims["video"]["room"] == "acme:x"


async def test_the_schema_lists_every_route_with_its_errors(api: Api) -> None:
    schema = (await api.http.get("/schema")).json()
    assert schema == (await api.http.get("/schema/openapi.json")).json()
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }
    assert "POST /v1/rooms/{room_id}/recording/start" in operations
    for name, operation in operations.items():
        assert operation["summary"], name
        if "/v1/" in name:
            assert {"400", "401"} <= set(operation["responses"]), name


async def test_webhooks_are_registered_listed_and_deleted(api: Api) -> None:
    made = (
        await api.http.post("/v1/webhooks", json={"url": "https://a.example/", "events": ["egress_ended"]})
    ).json()
    assert made["secret"].startswith("whsec_")
    (listed,) = (await api.http.get("/v1/webhooks")).json()
    assert listed["id"] == made["id"]
    assert (listed["url"], listed["events"]) == ("https://a.example/", ["egress_ended"])
    assert "secret" not in listed
    assert (await api.http.delete(f"/v1/webhooks/{made['id']}")).status_code == 204
    assert (await api.http.get("/v1/webhooks")).json() == []
