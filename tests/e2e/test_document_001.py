"""Seed document 001, "Halls", by its headings, against the running appliance: real LiveKit, real participants."""

import re
from collections.abc import AsyncIterator

import pytest

from rtcstack.demo.participant import ParticipantError
from tests.e2e.conftest import Caller
from tests.e2e.halls import HallCaller
from tests.support.appliance import Appliance

_ISO_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
_THE_HALL_OBJECT = {
    "hall_id",
    "name",
    "status",
    "max_participants",
    "record",
    "moderation",
    "participant_count",
    "metadata",
    "created_at",
    "closed_at",
}


@pytest.fixture
async def halls(caller: Caller, appliance: Appliance) -> AsyncIterator[HallCaller]:
    async with HallCaller(caller, appliance) as opened:
        yield opened


async def test_create_a_hall(halls: HallCaller) -> None:
    # Create a hall: "Creates a new hall and returns a host join token."
    created = await halls.create(
        name="product-demo-room",
        max_participants=10,
        record=False,
        moderation=False,
        metadata={"customer_id": "cust_abc"},
    )

    # "Response"
    assert set(created) == {"hall_id", "join_token", "created_at"}
    assert created["hall_id"].startswith("h_")  # "Unique hall identifier. Prefix: h_"
    assert _ISO_MS.match(created["created_at"])

    # The response's token: "The join_token is a signed JWT for the host participant."
    grants = halls.claims(created["join_token"])["video"]
    assert grants["room"] == created["hall_id"]
    assert all(grants[right] for right in ("roomJoin", "roomAdmin", "canPublish", "canSubscribe"))

    # "Get a hall", "The hall object"
    shown = await halls.hall(created["hall_id"])
    assert shown == {
        "hall_id": created["hall_id"],
        "name": "product-demo-room",
        "status": "active",
        "max_participants": 10,
        "record": False,
        "moderation": False,
        "participant_count": 0,
        "metadata": {"customer_id": "cust_abc"},
        "created_at": created["created_at"],
        "closed_at": None,
    }
    event = await halls.event("hall.created", created["hall_id"])
    assert set(event) == {"event", "id", "timestamp", "data"}
    assert event["id"].startswith("evt_")
    assert event["data"] == shown  # metadata: "Included in webhook payloads."


async def test_metadata_of_16_kib_travels_in_the_token(halls: HallCaller) -> None:
    # Request body: "Arbitrary key-value pairs attached to the hall."
    metadata = {"k": "ä" * (8 * 1024 - 4)}
    hall = await halls.create(name="much to say", metadata=metadata)
    await halls.join(hall["join_token"], 0)
    await halls.until_count(hall["hall_id"], 1)
    joined = await halls.event("participant.joined", hall["hall_id"])
    assert joined["data"]["metadata"] == metadata
    assert await halls.close(hall["hall_id"]) == 204


async def test_request_body(halls: HallCaller) -> None:
    # name "required"; the others have defaults
    refused = await halls.http.post("/v1/halls", json={"record": False})
    assert refused.status_code == 400
    assert "name" in refused.json()["error"]["message"]
    shown = await halls.hall((await halls.create(name="plain"))["hall_id"])
    assert shown["max_participants"] == 50  # "Defaults to 50."
    assert (shown["record"], shown["moderation"], shown["metadata"]) == (False, False, {})


async def test_list_halls(halls: HallCaller) -> None:
    first = (await halls.create(name="first"))["hall_id"]
    second = (await halls.create(name="second"))["hall_id"]
    assert await halls.close(first) == 204

    # List halls: "Returns up to 100 halls ordered by creation time (newest first)."
    listed = await halls.get("/v1/halls")
    assert [hall["hall_id"] for hall in listed[:2]] == [second, first]
    assert set(listed[0]) == _THE_HALL_OBJECT

    # Query parameters: "Filter by hall status. Omit to return all halls."
    active = await halls.get("/v1/halls?status=active")
    closed = await halls.get("/v1/halls?status=closed")
    assert {hall["status"] for hall in active} == {"active"}
    assert second in {hall["hall_id"] for hall in active}
    assert closed[0]["hall_id"] == first
    assert (await halls.http.get("/v1/halls?status=open")).status_code == 400


async def test_max_participants(halls: HallCaller) -> None:
    # Request body: "Maximum number of simultaneous participants."
    hall = await halls.create(name="pair", max_participants=2, record=True)
    hall_id = hall["hall_id"]
    await halls.until_recorded(hall_id)
    await halls.join(hall["join_token"], 0)
    second = await halls.join(await halls.token(hall_id, "guest"), 1)

    # The hall object: "Current connected participants (live halls only)": the recorder is there and does not count.
    await halls.until_count(hall_id, 2)
    with pytest.raises(ParticipantError):
        await halls.join(await halls.token(hall_id, "third"), 2)
    await second.leave()
    await halls.until_count(hall_id, 1)
    await halls.join(await halls.token(hall_id, "third"), 2)
    await halls.until_count(hall_id, 2)
    assert await halls.close(hall_id) == 204


async def test_a_hall_outlives_its_room_in_livekit(halls: HallCaller) -> None:
    # "A hall is a managed video room": it is active until it is closed.
    hall = await halls.create(name="lasting", max_participants=1)
    await halls.join(hall["join_token"], 0)
    await halls.until_count(hall["hall_id"], 1)
    await halls.lose_room(hall["hall_id"])
    await halls.until_count(hall["hall_id"], 0)
    await halls.join(hall["join_token"], 1)
    await halls.until_count(hall["hall_id"], 1)
    with pytest.raises(ParticipantError):  # the cap holds in the new one
        await halls.join(await halls.token(hall["hall_id"], "second"), 2)
    assert await halls.close(hall["hall_id"]) == 204


async def test_close_a_hall(halls: HallCaller) -> None:
    hall = await halls.create(name="closing", record=True, metadata={"n": 1})
    hall_id = hall["hall_id"]
    host = await halls.join(hall["join_token"], 0)
    await halls.until_count(hall_id, 1)
    recording_id = await halls.until_recorded(hall_id)
    joined = await halls.event("participant.joined", hall_id)
    assert joined["data"]["identity"] == host.identity
    assert joined["data"]["metadata"] == {"n": 1}

    # Close a hall: "Closes the hall, stops any active recording, and disconnects all participants. Returns 204 No Content."
    assert await halls.close(hall_id) == 204
    await halls.until_sent_away(host)
    shown = await halls.hall(hall_id)
    assert (shown["status"], shown["participant_count"]) == ("closed", 0)
    assert _ISO_MS.match(shown["closed_at"])
    left = await halls.event("participant.left", hall_id)
    assert left["data"] == {**joined["data"], "left_at": left["data"]["left_at"]}
    assert (await halls.event("hall.closed", hall_id))["data"] == shown
    assert (await halls.http.get(f"/v1/rooms/{hall_id}/participants")).status_code == 404
    await halls.until_status(recording_id, "complete")

    # Close a hall: "Closing a hall is idempotent — calling it on an already-closed hall returns 204 without error."
    assert await halls.close(hall_id) == 204
    assert await halls.hall(hall_id) == shown
    assert len(halls.events("hall.closed", hall_id)) == 1


async def test_a_closed_hall_stays_closed_to_a_token_of_before(halls: HallCaller) -> None:
    hall = await halls.create(name="closed for good")
    assert await halls.close(hall["hall_id"]) == 204
    await halls.until_turned_away(hall["join_token"])
    assert (await halls.http.get(f"/v1/rooms/{hall['hall_id']}/participants")).status_code == 404
    refused = await halls.http.post(f"/v1/rooms/{hall['hall_id']}/tokens", json={"identity": "late"})
    assert refused.status_code == 404
