"""Who gets in, and what nobody can have a browser do."""

import asyncio

import httpx
from litestar import Litestar

from rtcstack.app import create_app
from rtcstack.plural import counted
from tests.integration.api.conftest import Api
from tests.integration.dashboard.conftest import WRONG_AT_ONCE
from tests.support.dashboard import PASSWORD, Visitor

_CHANGES = ("/tenant", "/sign-out", "/rooms", "/rooms/a/close", "/settings/keys", "/settings/storage/remove")


def _paths(app: Litestar, method: str) -> list[str]:
    """Return the dashboard's own paths, with something in place of each parameter."""
    return [
        path
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if method in getattr(handler, "http_methods", ()) and not handler.resolve_include_in_schema()
        for path in [route.path_format.replace("{", "").replace("}", "")]
        if "dashboard" in handler.fn.__module__ and not path.startswith("/static")
    ]


async def test_no_page_shows_anything_to_a_stranger(api: Api, stranger: Visitor) -> None:
    app = create_app(api.settings, api.platform)
    pages = [path for path in _paths(app, "GET") if path != "/sign-in"]
    assert len(pages) > 15
    for path in pages:
        answer = await stranger.http.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in"), path
    changes = [path for path in _paths(app, "POST") if path != "/sign-in"]
    assert len(changes) > 15
    for path in changes:
        answer = await stranger.http.post(path, data={"csrf": "0" * 64})
        assert answer.status_code == 303, path
        assert answer.headers["location"] == "/sign-in", path


async def test_no_change_is_made_without_the_proof_of_the_session(api: Api, visitor: Visitor) -> None:
    for path in _paths(create_app(api.settings, api.platform), "POST"):
        if path == "/sign-in":
            continue
        for form in ({}, {"csrf": "0" * 64}):
            answer = await visitor.http.post(path, data=form)
            assert answer.status_code == 403, path
    assert await visitor.get("/"), "the session goes on"


async def test_a_page_of_another_site_changes_nothing(visitor: Visitor) -> None:
    proof = await visitor.proof()
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        for path in (*_CHANGES, "/sign-in"):
            answer = await visitor.http.post(path, data={"csrf": proof}, headers=headers)
            assert answer.status_code == 403, (path, headers)


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Visitor) -> None:
    answer = await stranger.sign_in()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("rtcstack_session=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "secure" not in cookie.lower(), "there is no TLS here"


async def test_behind_tls_the_cookie_travels_over_tls_only(api: Api, stranger: Visitor) -> None:
    behind = api.settings.api.model_copy(update={"public_url": "https://video.example"})
    app = create_app(api.settings.model_copy(update={"api": behind}), api.platform)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://video.example"
    ) as http:  # its lifespan is not begun: the services are those of `api`
        answer = await Visitor(http).sign_in()
    assert "secure" in answer.headers["set-cookie"].lower()
    assert stranger.http.cookies.get("rtcstack_session") is None


async def test_who_signed_in_comes_to_the_page_that_was_asked_for(stranger: Visitor) -> None:
    asked = await stranger.http.get("/recordings?state=failed")
    assert asked.headers["location"] == "/sign-in?next=%2Frecordings%3Fstate%3Dfailed"
    assert (await stranger.sign_in(next="/recordings?state=failed")).headers[
        "location"
    ] == "/recordings?state=failed"
    assert (await stranger.sign_in(next="//evil.example")).headers["location"] == "/"


async def test_a_wrong_password_is_told_and_too_many_are_refused(stranger: Visitor) -> None:
    wrong = await stranger.sign_in("wrong password")
    assert wrong.status_code == 401
    assert "The name or the password is wrong" in wrong.text
    for _ in range(WRONG_AT_ONCE - 1):
        assert (await stranger.sign_in("wrong password")).status_code == 401
    answer = await stranger.sign_in("wrong password")
    assert answer.status_code == 429
    again_s = int(answer.headers["retry-after"])
    assert again_s >= 1
    assert f"Try again in {counted(again_s, 'second')}." in answer.text
    assert (await stranger.sign_in()).status_code == 429, "the right one does not tell itself by being taken"


async def test_many_wrong_passwords_at_once_are_not_more_than_many_in_a_row(stranger: Visitor) -> None:
    answers = await asyncio.gather(*(stranger.sign_in("wrong password") for _ in range(36)))
    told = [answer.status_code for answer in answers]
    assert told.count(401) == WRONG_AT_ONCE
    assert told.count(429) == 36 - WRONG_AT_ONCE


async def test_the_right_password_counts_for_nothing(stranger: Visitor) -> None:
    for _ in range(WRONG_AT_ONCE + 1):
        assert (await stranger.sign_in()).status_code == 303


async def test_a_strange_password_is_only_wrong(stranger: Visitor) -> None:
    for password in ("", "x" * 100_000, "\x00", "päßwörd 🎥"):
        assert (await stranger.sign_in(password)).status_code == 401, password[:10]


async def test_who_signs_out_is_out(visitor: Visitor) -> None:
    session = visitor.http.cookies["rtcstack_session"]
    assert (await visitor.send("/sign-out")).headers["location"] == "/sign-in"
    answer = await visitor.http.get("/", headers={"cookie": f"rtcstack_session={session}"})
    assert answer.status_code == 303


async def test_a_change_of_the_password_ends_every_session(visitor: Visitor) -> None:
    asked = {"current": "wrong password", "new": "another password", "again": "another password"}
    assert (await visitor.send("/settings/password", asked)).status_code == 400
    twice = {**asked, "current": PASSWORD, "again": "another one"}
    assert (await visitor.send("/settings/password", twice)).status_code == 400
    right = {**asked, "current": PASSWORD}
    assert (await visitor.send("/settings/password", right)).headers["location"] == "/sign-in"
    assert "The password was changed. Sign in with the new one." in await visitor.get("/sign-in")
    assert (await visitor.http.get("/")).status_code == 303
    assert (await visitor.sign_in("another password")).status_code == 303
