"""What may happen to an admin in the middle of work: an API that restarts, a session that ends."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.conftest import new_password
from tests.e2e.browser.looks import looks_well
from tests.support.appliance import Appliance

_CHOOSE = """const csrf = document.querySelector("[name=csrf]").value;
return fetch("/tenant", {method: "POST", body: new URLSearchParams({csrf, tenant: arguments[0]})}).then((answer) => answer.ok)"""
"""Chooses a tenant as another page of the session does."""
_BEHIND = """Object.defineProperty(document, "hidden", {configurable: true, value: arguments[0]});
document.dispatchEvent(new Event("visibilitychange"))"""
"""Has the page be behind another one, or in front again."""
_NO_ANSWER = ("htmx:sendError", "htmx:afterRequest")
_PLAN = "return document.getElementById('plan-default').value"
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


@contextmanager
def _tenant(appliance: Appliance, name: str) -> Iterator[None]:
    """Have a tenant of whom nothing is left: the other tests' pages are those of an appliance with a single one."""
    made = appliance.command("tenants", "create", name, "--json")
    assert made.returncode == 0, made.stderr
    try:
        yield
    finally:
        with closing(sqlite3.connect(appliance.settings.database_path, timeout=30)) as db, db:
            db.execute("DELETE FROM tenants WHERE id = ?", (name,))


def _choose_plan(browser: Browser, plan: str) -> bool:
    Select(browser.find("#plan-default")).select_by_visible_text(plan)
    return bool(browser.run(_PLAN) == plan)


def test_a_list_shows_what_is_new_and_keeps_what_was_chosen(appliance: Appliance, browser: Browser) -> None:
    browser.open("/settings/tenants")
    browser.until(lambda: _choose_plan(browser, "growth"), "another plan being chosen")
    with _tenant(appliance, "newcomer"):
        browser.until_says("newcomer", "#tenants")
        assert browser.run(_PLAN) == "growth", "it was not sent yet"
    browser.open("/settings/rules")
    browser.press("#kept-days")
    browser.fill("#days", "14")
    kept = appliance.command("tenants", "set-retention", "default", "forever", "--json")
    assert kept.returncode == 0, kept.stderr
    try:
        is_shown = "return document.getElementById('kept-for-ever').defaultChecked"
        browser.until(lambda: browser.run(is_shown), "what was set elsewhere")
        assert browser.find("#kept-days").is_selected()
        assert browser.find("#days").get_attribute("value") == "14"
    finally:
        appliance.command("tenants", "set-retention", "default", "default")


def test_a_page_stays_when_another_tenant_is_chosen_elsewhere(appliance: Appliance, browser: Browser) -> None:
    with _tenant(appliance, "elsewhere"), browser.complaining_of(" 403 "):
        browser.open("/rooms")
        browser.fill("#room-name", "Half a name")
        browser.run(_CHOOSE, "elsewhere")
        try:
            assert appliance.call("POST", "/v1/rooms", {"roomId": "unseen"})[0] == 201
            browser.until_says("This page shows default, but elsewhere was chosen since", "#said")
            assert browser.find("#room-name").get_attribute("value") == "Half a name"
            assert "unseen" not in browser.text("#list")
        finally:
            browser.run(_CHOOSE, "default")
    browser.open("/rooms")
    browser.until_says("unseen", "#list")
    assert appliance.call("DELETE", "/v1/rooms/unseen")[0] == 204


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
