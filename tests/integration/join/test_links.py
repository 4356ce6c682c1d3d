"""What a link gets whoever opens it, and what everything else gets."""

import re
from datetime import datetime
from html import unescape
from typing import Any

import httpx
import jwt
import pytest
from livekit import rtc

from rtcstack.domain.invite import Invite, link_key, sign
from tests.integration.api.conftest import Api
from tests.integration.join.conftest import WRONG_AT_ONCE, Stranger, invited

_PAST = 1_713_693_600


def _claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


async def test_a_link_is_for_a_room_a_role_and_a_time(api: Api) -> None:
    made = await api.http.post("/v1/rooms/room-abc/invites", json={"role": "viewer", "ttlSeconds": 60})
    body = made.raise_for_status().json()
    assert (made.status_code, body["role"]) == (200, "viewer")
    assert body["url"].startswith(f"{api.settings.api.url}/join/~")
    assert datetime.fromisoformat(body["expiresAt"]).timestamp() > _PAST
    assert (await api.http.post("/v1/rooms/room-abc/invites")).status_code == 200
    for wrong in ({"role": "king"}, {"ttlSeconds": 0}, {"ttlSeconds": 30 * 86_400 + 1}, {"name": "x"}):
        assert (await api.http.post("/v1/rooms/room-abc/invites", json=wrong)).status_code == 400, wrong


async def test_the_page_names_the_room_and_may_load_what_it_needs(api: Api, stranger: Stranger) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc", "name": "<b>Stand & up</b>"})
    answer = await stranger.http.get(await invited(api, "room-abc"), params={"name": '"><script>'})
    assert answer.status_code == 200
    assert "<h1>&lt;b&gt;Stand &amp; up&lt;/b&gt;</h1>" in answer.text
    assert '"><script>' in unescape(answer.text)
    assert '"><script>' not in answer.text
    policy = answer.headers["content-security-policy"]
    livekit = api.settings.livekit.ws_url
    assert f"connect-src 'self' {livekit} {livekit.replace('ws:', 'http:')};" in policy
    assert policy.endswith("frame-ancestors 'self' https://a.example")
    assert "camera=(self), microphone=(self)" in answer.headers["permissions-policy"]
    assert "x-frame-options" not in answer.headers, "it would forbid what the policy allows"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    files = set(re.findall(r'"(/join/-/[^"]+)"', answer.text))
    assert {file.rpartition("/")[2] for file in files} == {
        "icon.svg",
        "join.css",
        "join.js",
        "livekit-client.js",
    }
    for file in files:
        found = await stranger.http.get(file)
        assert found.status_code == 200, file
        assert "immutable" in found.headers["cache-control"]
        assert found.headers["content-encoding"] == "gzip"
        assert (
            await stranger.http.get(file, headers={"accept-encoding": "identity"})
        ).content == found.content


async def test_a_name_gets_a_short_token_for_the_very_room(api: Api, stranger: Stranger) -> None:
    link = await invited(api, "room-abc", "acme", role="viewer")
    answer = await stranger.enter(link, {"name": "Ada"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    claims = _claims(body["token"])
    assert (claims["sub"], claims["name"]) == (body["identity"], "Ada")
    assert claims["video"]["room"] == "acme:room-abc"
    assert (claims["video"]["canPublish"], claims["video"].get("roomAdmin")) == (False, None)
    assert claims["exp"] - claims["nbf"] <= 300
    assert body["url"] == api.settings.livekit.ws_url
    state = (await stranger.http.get(f"{link}/state")).json()
    assert state == {"name": "room-abc", "role": "viewer", "recording": "off"}


async def test_what_is_no_name_is_refused_in_words(api: Api, stranger: Stranger) -> None:
    link = await invited(api, "room-abc")
    for body in ({}, {"name": ""}, {"name": "x" * 61}, {"name": 1}, {"name": "a", "role": "host"}, []):
        answer = await stranger.enter(link, body)
        assert answer.status_code == 400, body
        assert answer.json()["error"]["message"]


async def test_a_full_room_says_so(api: Api, stranger: Stranger) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "small", "name": "Small", "maxParticipants": 1})
    link = await invited(api, "small")
    first = (await stranger.enter(link, {"name": "Ada"})).raise_for_status().json()
    room = rtc.Room()
    await room.connect(first["url"], first["token"])
    try:
        answer = await stranger.enter(link, {"name": "Charles"})
    finally:
        await room.disconnect()
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "room_full"


def _looks_refused(answer: httpx.Response, text: str) -> None:
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in answer.headers
    assert text in answer.text


async def test_a_link_that_is_over_says_why(api: Api, stranger: Stranger) -> None:
    key = link_key(api.settings.livekit.api_secret.get_secret_value())
    expired = sign(Invite("default", "room-abc", "host", _PAST), key)
    _looks_refused(await stranger.http.get(f"/join/{expired}"), "This link has expired")
    assert (await stranger.enter(f"/join/{expired}", {"name": "A"})).json()["error"]["code"] == "link_expired"
    await api.http.post("/v1/rooms", json={"roomId": "room-abc", "name": "Standup"})
    link = await invited(api, "room-abc")
    await api.http.delete("/v1/rooms/room-abc")
    _looks_refused(await stranger.http.get(link), "Standup was closed")
    assert (await stranger.enter(link, {"name": "A"})).json()["error"]["code"] == "room_not_found"


async def test_an_open_room_is_joined_by_its_name(api: Api, stranger: Stranger) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    assert (await stranger.http.get("/join/room-abc")).status_code == 200
    token = (await stranger.enter("/join/room-abc", {"name": "Ada"})).json()["token"]
    assert _claims(token)["video"]["room"] == "room-abc"
    _looks_refused(await stranger.http.get("/join/never-there"), "There is no room never-there")


@pytest.mark.parametrize("wrong", ["~WyJk.AAAAAAAAAAAAAAAAAAAAAA", "never-there"])
async def test_whoever_tries_links_is_held_up_and_nobody_with_a_good_one(
    api: Api, stranger: Stranger, wrong: str
) -> None:
    link = await invited(api, "room-abc")
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    for _ in range(WRONG_AT_ONCE):
        assert (await stranger.http.get(f"/join/{wrong}")).status_code == 404
    for guess in (f"/join/{wrong}", "/join/room-abc"):
        answer = await stranger.http.get(guess)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert "Too many" in answer.text
    assert (await stranger.http.get(link)).status_code == 200
    assert (await stranger.enter(link, {"name": "Ada"})).status_code == 200
    assert (await api.http.get("/v1/rooms")).status_code == 200, "the same address, with a key"


async def test_who_waits_in_front_of_a_room_that_closes_has_guessed_nothing(
    api: Api, stranger: Stranger
) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    link = await invited(api, "room-abc")
    await api.http.delete("/v1/rooms/room-abc")
    for _ in range(WRONG_AT_ONCE + 1):
        assert (await stranger.http.get(f"{link}/state")).status_code == 404
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    assert (await stranger.http.get("/join/room-abc")).status_code == 200


async def test_whoever_is_inside_is_told_also_when_the_link_has_expired(api: Api, stranger: Stranger) -> None:
    link = await invited(api, "room-abc")
    admitted = (await stranger.enter(link, {"name": "Ada"})).raise_for_status().json()
    key = link_key(api.settings.livekit.api_secret.get_secret_value())
    expired = f"/join/{sign(Invite('default', 'room-abc', 'participant', _PAST), key)}/state"
    asked = {"identity": admitted["identity"]}
    assert (await stranger.http.get(expired, params=asked)).status_code == 404
    room = rtc.Room()
    await room.connect(admitted["url"], admitted["token"])
    try:
        inside = await stranger.http.get(expired, params=asked)
        outside = await stranger.http.get(expired, params={"identity": "guest_other"})
    finally:
        await room.disconnect()
    assert (inside.status_code, inside.json()["recording"]) == (200, "off")
    assert (outside.status_code, outside.json()["error"]["code"]) == (404, "link_expired")
