"""Whoever is muted learns of it, and so does everybody else in the room: with two participants on the real LiveKit."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit import rtc

from tests.integration.api.conftest import Api

_WAIT_S = 60
_MUTE = "/v1/rooms/room-abc/participants/ada/mute"
_RATE = 48_000


class Person:
    """Is in the room, and notes who was muted."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.room = rtc.Room()
        self.heard: list[tuple[str, str]] = []
        self.room.on("track_muted", self._note)

    def _note(self, who: rtc.Participant, track: rtc.TrackPublication) -> None:
        self.heard.append((who.identity, track.sid))

    async def join(self, api: Api, room_id: str = "room-abc") -> None:
        answer = await api.http.post(f"/v1/rooms/{room_id}/tokens", json={"identity": self.identity})
        token = answer.raise_for_status().json()
        await self.room.connect(token["url"], token["token"])

    async def publish(self, source: rtc.TrackSource.ValueType) -> str:
        """Return the track's sid."""
        made: Any
        if source == rtc.TrackSource.SOURCE_MICROPHONE:
            made = rtc.LocalAudioTrack.create_audio_track("sound", rtc.AudioSource(_RATE, 1))
        else:
            made = rtc.LocalVideoTrack.create_video_track("picture", rtc.VideoSource(160, 90))
        options = rtc.TrackPublishOptions(source=source)
        return str((await self.room.local_participant.publish_track(made, options)).sid)

    async def until_heard(self, identity: str, sid: str) -> None:
        """Return when it has been told that this track is muted."""
        async with asyncio.timeout(_WAIT_S):
            while (identity, sid) not in self.heard:
                await asyncio.sleep(0.02)


@pytest.fixture
async def people(api: Api) -> AsyncIterator[tuple[Person, Person]]:
    """Return Ada and Bob, both in the room."""
    ada, bob = Person("ada"), Person("bob")
    for person in (ada, bob):
        await person.join(api)
    yield ada, bob
    for person in (ada, bob):
        await person.room.disconnect()


async def tracks_of_ada(api: Api, room_id: str = "room-abc") -> dict[str, dict[str, Any]]:
    """Return what Ada publishes, by its sid."""
    found = (await api.http.get(f"/v1/rooms/{room_id}/participants")).raise_for_status().json()
    [ada] = [person for person in found if person["identity"] == "ada"]
    return {track["trackSid"]: track for track in ada["tracks"]}


async def until_listed(api: Api, sid: str, room_id: str = "room-abc", *, muted: bool = False) -> None:
    async with asyncio.timeout(_WAIT_S):
        while (await tracks_of_ada(api, room_id)).get(sid, {}).get("muted") is not muted:
            await asyncio.sleep(0.05)


async def test_a_microphone_is_muted_and_everybody_learns_of_it(
    api: Api, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    sound = await ada.publish(rtc.TrackSource.SOURCE_MICROPHONE)
    picture = await ada.publish(rtc.TrackSource.SOURCE_CAMERA)
    for sid in (sound, picture):
        await until_listed(api, sid)
    before = await api.count("audit_log")
    muted = await api.http.post(_MUTE)
    assert muted.status_code == 200, muted.text
    tracks = {track["trackSid"]: track for track in muted.json()["tracks"]}
    assert tracks[sound] == {"trackSid": sound, "source": "microphone", "muted": True}
    assert tracks[picture] == {"trackSid": picture, "source": "camera", "muted": False}
    await ada.until_heard("ada", sound)
    await bob.until_heard("ada", sound)
    await until_listed(api, sound, muted=True)
    again = await api.http.post(_MUTE, json={"trackSid": sound, "muted": True})
    assert (again.status_code, again.json()) == (200, muted.json())
    assert await api.count("audit_log") == before + 1
    camera = await api.http.post(_MUTE, json={"source": "camera"})
    assert [track["muted"] for track in camera.json()["tracks"]] == [True, True]
    await bob.until_heard("ada", picture)


async def test_nobody_is_unmuted_by_others(api: Api, people: tuple[Person, Person]) -> None:
    ada, _ = people
    sound = await ada.publish(rtc.TrackSource.SOURCE_MICROPHONE)
    await until_listed(api, sound)
    is_so = await api.http.post(_MUTE, json={"muted": False})
    assert (is_so.status_code, is_so.json()["tracks"][0]["muted"]) == (200, False)
    await api.http.post(_MUTE)
    await until_listed(api, sound, muted=True)
    refused = await api.http.post(_MUTE, json={"trackSid": sound, "muted": False})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unmute_refused")
    await until_listed(api, sound, muted=True)


async def test_who_has_no_microphone_has_nothing_to_mute(api: Api, people: tuple[Person, Person]) -> None:
    ada, _ = people
    picture = await ada.publish(rtc.TrackSource.SOURCE_SCREENSHARE)
    await until_listed(api, picture)
    answer = await api.http.post(_MUTE, json={})
    assert answer.status_code == 200
    assert answer.json()["tracks"] == [{"trackSid": picture, "source": "screen_share", "muted": False}]
    assert answer.json()["identity"] == "ada"


async def test_what_is_not_there_is_404(api: Api, people: tuple[Person, Person]) -> None:
    del people
    for path, body, code in (
        (_MUTE, {"trackSid": "TR_nothing"}, "track_not_found"),
        (_MUTE.replace("ada", "nobody"), {}, "participant_not_found"),
        (_MUTE.replace("room-abc", "nowhere"), {}, "room_not_found"),
    ):
        answer = await api.http.post(path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)
    theirs = await api.http.post(_MUTE, headers=await api.key("acme"))
    assert (theirs.status_code, theirs.json()["error"]["code"]) == (404, "room_not_found")


async def test_a_body_that_makes_no_sense_is_400(api: Api) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    faults = []
    for body in (
        {"trackSid": "TR_x", "source": "camera"},
        {"source": "drum"},
        {"muted": 1},
        {"track": "TR_x"},
    ):
        answer = await api.http.post(_MUTE, json=body)
        assert answer.status_code == 400, body
        faults += [fault["field"] for fault in answer.json()["error"]["details"]["fields"]]
    assert faults == ["source", "source", "muted", "track"]


async def test_in_a_hall_people_are_muted_as_well_and_the_audit_log_has_it(api: Api) -> None:
    _, operator = await api.platform.services.access.create_key("ops", is_operator=True)
    hall_id = (await api.http.post("/v1/halls", json={"name": "Demo"})).json()["hall_id"]
    ada = Person("ada")
    await ada.join(api, hall_id)
    sound = await ada.publish(rtc.TrackSource.SOURCE_MICROPHONE)
    await until_listed(api, sound, hall_id)
    path = f"/v1/rooms/{hall_id}/participants/ada"
    assert (await api.http.post(f"{path}/mute")).json()["tracks"][0]["muted"] is True
    assert (await api.http.delete(path)).status_code == 204
    await ada.room.disconnect()
    found = await api.http.get("/v1/admin/audit?limit=50", headers={"authorization": f"Bearer {operator}"})
    entries = [entry for entry in found.json()["data"] if entry["action"].startswith("participant.")]
    assert [(e["action"], e["object_id"], e["details"]) for e in entries] == [
        ("participant.remove", hall_id, {"identity": "ada"}),
        ("participant.mute", hall_id, {"identity": "ada", "source": "microphone", "track": sound}),
    ]
