"""Seed document 004, by its headings, against the running appliance: real LiveKit, real participants, real bucket."""

import asyncio
import re
import time
from datetime import UTC, datetime

import pytest

from rtcstack.demo.inspect import inspect
from rtcstack.demo.verdict import Expected, faults
from tests.e2e.conftest import Caller

_ISO_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


@pytest.mark.alone  # pictures and sound are held against the clock
async def test_a_meeting_from_start_to_file(caller: Caller) -> None:
    room = await caller.room("room-abc")
    await asyncio.gather(caller.join(room, 0), caller.join(room, 1))

    # "Get Recording Status", "Response when not recording"
    assert await caller.status(room) == {"active": False}

    # "Start Recording"
    started = await caller.start(room)
    assert set(started) == {"egressId", "status", "startedAt"}
    assert started["egressId"].startswith("EG_")
    assert started["status"] == "starting"
    assert _ISO_MS.match(started["startedAt"])

    # The call is idempotent: "calling it on an already-recording room returns the existing egress info"
    await caller.until_active(room)
    assert await caller.start(room) == {**started, "status": "active"}

    # "Response when recording"
    assert await caller.status(room) == {
        "active": True,
        "egressId": started["egressId"],
        "startedAt": started["startedAt"],
    }
    await asyncio.sleep(5)

    # "Stop Recording"
    assert await caller.stop(room) == {"egressId": started["egressId"], "status": "stopping"}
    assert await caller.status(room) == {"active": False}

    # "Webhook Integration": "When recording ends, RTCstack fires the egress_ended webhook event."
    event = await caller.ended(started["egressId"])
    instant = datetime.strptime(started["startedAt"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    key = f"room-abc/{instant:%Y-%m-%dT%H-%M-%S}.mp4"  # "File Location"
    assert event == {
        "event": "egress_ended",
        "egressId": started["egressId"],
        "roomId": "room-abc",
        "file": key,
        "duration": event["duration"],
        "size": event["size"],
    }
    assert 4 <= event["duration"] <= 8

    # "The recording file is available in MinIO once the egress_ended webhook fires."
    file = await caller.download(room)
    assert file.stat().st_size == event["size"]

    # "Recording Quality": "1280x720 composite layout at 30fps. All active video tracks are tiled"
    facts = inspect(file, [0, 1])
    assert faults(facts, Expected([0, 1], duration_s=event["duration"], size_bytes=event["size"])) == []

    [listed] = await caller.recordings(room)
    assert (listed["egressId"], listed["file"], listed["status"]) == (started["egressId"], key, "ready")
    assert len(caller.endpoint.about(started["egressId"])) == 1


async def test_fifty_starts_at_once_are_one_recording(caller: Caller) -> None:
    room = await caller.room("fifty")
    answers = await asyncio.gather(*(caller.start(room) for _ in range(50)))
    assert len({(a["egressId"], a["startedAt"]) for a in answers}) == 1
    assert len(await caller.recordings(room)) == 1
    await caller.stop(room)
    await caller.ended(answers[0]["egressId"])


@pytest.mark.alone  # pictures are counted
async def test_a_recording_begun_before_anybody_came_has_it_all(caller: Caller) -> None:
    room = await caller.room("early", metadata={"customer": "c1"})
    began_s = time.monotonic()
    started = await caller.start(room)
    await caller.until_active(room)
    active_s = time.monotonic()
    await asyncio.sleep(2)
    await caller.join(room, 0)
    joined_s = time.monotonic()
    await asyncio.sleep(3)
    asked_s = time.monotonic()
    await caller.stop(room)
    event = await caller.ended(started["egressId"])
    assert event["metadata"] == {"customer": "c1"}
    facts = inspect(await caller.download(room), [0])
    assert asked_s - active_s - 0.5 < facts.duration_s < time.monotonic() - began_s
    assert 1.5 < (facts.seen[0].first_s or 0) < joined_s - began_s + 2
    assert facts.seen[0].pictures > 5


@pytest.mark.alone  # who is seen when
async def test_people_come_and_go_and_the_grid_follows(caller: Caller) -> None:
    room = await caller.room("grid")
    await caller.join(room, 0)
    started = await caller.start(room)
    await caller.until_active(room)
    await asyncio.sleep(1.5)
    second = await caller.join(room, 1)
    await asyncio.sleep(2)
    await second.leave()
    await asyncio.sleep(3)
    await caller.stop(room)
    await caller.ended(started["egressId"])
    facts = inspect(await caller.download(room), [0, 1])
    first, other = facts.seen[0].tile, facts.seen[1].tile
    assert first is not None
    assert other is not None
    assert first.width == pytest.approx(1280, abs=8)  # alone again at the end
    assert other.width == pytest.approx(
        640 - 12, abs=8
    )  # half of the picture, less a gap of 6 on either side
    assert (facts.seen[1].last_s or 0) < facts.duration_s - 1


async def test_the_recording_ends_when_its_room_is_closed(caller: Caller) -> None:
    room = await caller.room("closing")
    await caller.join(room, 0)
    started = await caller.start(room)
    await caller.until_active(room)
    await asyncio.sleep(1.5)
    assert (await caller.http.delete(f"/v1/rooms/{room}")).status_code == 204
    event = await caller.ended(started["egressId"])
    assert event["duration"] >= 1
    assert (await caller.http.get(f"/v1/rooms/{room}/recording")).status_code == 404
    [listed] = await caller.recordings(room)
    assert listed["status"] == "ready"


async def test_a_room_that_people_made_by_joining_is_recorded_like_any_other(caller: Caller) -> None:
    await caller.join("walk-in", 0)
    started = await caller.start("walk-in")
    participants = (await caller.http.get("/v1/rooms/walk-in/participants")).json()
    assert [p["identity"] for p in participants] == ["person-0"]
    await caller.until_active("walk-in")
    await caller.stop("walk-in")
    await caller.ended(started["egressId"])


@pytest.mark.alone  # pictures are counted
async def test_options_shape_the_picture(caller: Caller) -> None:
    room = await caller.room("options")
    await caller.join(room, 0)
    started = await caller.start(room, width=640, height=360, framerate=15)
    await caller.until_active(room)
    await asyncio.sleep(2)
    await caller.stop(room)
    await caller.ended(started["egressId"])
    facts = inspect(await caller.download(room), [0])
    assert (facts.width, facts.height) == (640, 360)
    assert facts.framerate == pytest.approx(15, abs=0.1)
    assert facts.seen[0].pictures > 5
