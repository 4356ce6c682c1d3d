"""What may happen to an admin in the middle of work: an API that restarts, a session that ends."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.conftest import new_password
from tests.e2e.browser.looks import looks_well
from tests.support.appliance import Appliance

_BEHIND = """Object.defineProperty(document, "hidden", {configurable: true, value: arguments[0]});
document.dispatchEvent(new Event("visibilitychange"))"""
"""Has the page be behind another one, or in front again."""
_PRESS_AT_ONCE = """const buttons = () => document.querySelectorAll(arguments[0]), before = buttons().length;
document.body.addEventListener("htmx:afterSwap", () => queueMicrotask(() => {
  if (window.isPressed || buttons().length === before) return;
  window.isPressed = true;
  buttons()[0].click();
}))"""
"""Presses the first of the buttons as soon as there is one more."""
_NO_ANSWER = ("htmx:sendError", "htmx:afterRequest")
_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms, egress_id, error, recovered,
    gaps, notes, upload_waits) VALUES (?, 'default', 'broken', ?, 'b', ?, 1713693600000, ?, ?, ?, ?, ?, ?)"""
_BROKEN = (
    (
        "rec_lost",
        "failed",
        "a",
        "EG_a",
        "it died",
        1,
        "[[12300, 1400], [65000, 900]]",
        '["the sound is missing"]',
        None,
    ),
    ("rec_held", "processing", "b", "EG_b", None, 0, "[]", "[]", "<Error><Code>SlowDown</Code></Error>"),
)
pytestmark = [pytest.mark.appliance, pytest.mark.alone]


def _is_another(appliance: Appliance, before: int) -> bool:
    """Whether a new API answers; the one that is being stopped goes on answering for a moment."""
    part = appliance.part("api")
    return bool(part["state"] == "healthy" and part["pid"] != before)


def test_a_page_goes_on_after_a_restart_of_the_api(appliance: Appliance, browser: Browser) -> None:
    browser.open("/rooms")
    browser.run("window.isTheSamePage = true")
    before = appliance.part("api")["pid"]
    with browser.complaining_of("net::ERR_", *_NO_ANSWER):
        os.kill(before, signal.SIGTERM)
        browser.until(lambda: _is_another(appliance, before), "another API")
        assert appliance.call("POST", "/v1/rooms", {"roomId": "after-restart"})[0] == 201
        browser.until_says("after-restart", "#list")
    assert browser.run("return window.isTheSamePage")


def test_who_goes_by_keyboard_stays_at_the_same_link_while_a_list_is_shown_anew(
    appliance: Appliance, browser: Browser
) -> None:
    for room in ("reached", "opened-meanwhile"):
        assert appliance.call("POST", "/v1/rooms", {"roomId": room})[0] == 201
        if room == "reached":
            browser.open("/rooms")
            browser.go_to("#to-reached")
    browser.until_says("opened-meanwhile", "#list")
    assert browser.run("return document.activeElement.id") == "to-reached"
    browser.type(Keys.ENTER)
    browser.until_says("reached", "h1")
    assert browser.complaints() == []


def test_health_that_cannot_be_had_is_not_left_standing(browser: Browser) -> None:
    browser.open("/")
    browser.until_says("Capacity", "#health")
    browser.driver.execute_cdp_cmd("Network.enable", {})
    with browser.complaining_of("/parts", *_NO_ANSWER):
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/parts"]})
        browser.until(lambda: browser.find("#health-fault").is_displayed(), "a word of it")
        assert not browser.find("#health").is_displayed()
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        browser.until(lambda: browser.find("#health").is_displayed(), "health")
    assert not browser.find("#health-fault").is_displayed()


def test_it_is_asked_before_something_ends_also_in_the_very_moment_that_a_list_is_shown_anew(
    appliance: Appliance, browser: Browser
) -> None:
    browser.open("/settings/keys")
    browser.until_still()
    browser.run(_PRESS_AT_ONCE, "#keys form button")
    appliance.create_key()
    browser.agree()
    browser.until_says("was revoked", "#said")
    assert browser.complaints() == []


def test_what_only_a_room_or_only_a_hall_has_can_be_given_to_that_alone(browser: Browser) -> None:
    can_be = "return [...document.querySelectorAll('[name=room_id], [name=record]')].map((field) => !field.disabled)"
    browser.open("/rooms")
    browser.until(lambda: browser.run(can_be) == [True, False], "the fields of a room")
    browser.press("#kind-hall")
    assert browser.run(can_be) == [False, True]
    browser.press("#kind-room")
    assert browser.run(can_be) == [True, False]
    looks_well(browser, "/rooms")


@contextmanager
def _broken(appliance: Appliance) -> Iterator[None]:
    """Have two recordings that are not whole, of which nothing is left."""
    with closing(sqlite3.connect(appliance.settings.database_path, timeout=30)) as db:
        with db:
            db.executemany(_RECORDING, _BROKEN)
        try:
            yield
        finally:
            with db:
                db.execute("DELETE FROM recordings WHERE room_id = 'broken'")


def test_what_went_wrong_is_told_so_that_everybody_can_read_it(
    appliance: Appliance, browser: Browser
) -> None:
    assert appliance.call("POST", "/v1/rooms", {"roomId": "broken"})[0] == 201
    with _broken(appliance):
        for path, told in (
            ("/recordings?room=broken", "Incomplete"),
            ("/rooms/broken", "Upload waits"),
            ("/recordings/rec_lost", "2.3 s of what happened are missing"),
            ("/recordings/rec_held", "The store does not take the file for now"),
            ("/parts", "Object store"),
        ):
            looks_well(browser, path)
            browser.until_says(told)
        with browser.complaining_of(" 404 "):
            looks_well(browser, "/recordings/rec_none")
            browser.until_says("Not found", "h1")
    assert appliance.call("DELETE", "/v1/rooms/broken")[0] == 204


@pytest.mark.parametrize("is_hidden", [False, True])
def test_who_is_signed_out_comes_back_to_the_same_page(
    appliance: Appliance, browser: Browser, *, is_hidden: bool
) -> None:
    """Also when the page was behind another one as the session ended, and heard nothing of it."""
    browser.open("/recordings?state=failed")
    browser.until_still()
    browser.run(_BEHIND, is_hidden)
    with browser.complaining_of(" 401 ", *(["EventSource's response has a MIME type"] if is_hidden else [])):
        password = new_password(appliance)
        browser.run(_BEHIND, False)
        browser.until_says("Sign in", "h1")
    browser.fill("#password", password)
    browser.press("button.primary")
    browser.until_says("Recordings", "h1")
    assert browser.driver.current_url.endswith("/recordings?state=failed")


def test_who_signs_out_sees_nothing_more(browser: Browser) -> None:
    browser.open("/")
    browser.press(".who form:last-child button")
    browser.until_says("Sign in", "h1")
    browser.open("/recordings")
    browser.until_says("Sign in", "h1")
    browser.driver.back()
    browser.until_says("Sign in", "h1")
