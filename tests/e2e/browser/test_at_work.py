"""What may happen to an admin in the middle of work: an API that restarts, a session that ends."""

import os
import signal

import pytest

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.conftest import new_password
from tests.support.appliance import Appliance

_CHOOSE = """const csrf = document.querySelector("[name=csrf]").value;
return fetch("/tenant", {method: "POST", body: new URLSearchParams({csrf, tenant: arguments[0]})}).then((answer) => answer.ok)"""
"""Chooses a tenant as another page of the session does."""
pytestmark = [pytest.mark.appliance, pytest.mark.alone]


def _is_another(appliance: Appliance, before: int) -> bool:
    """Whether a new API answers; the one that is being stopped goes on answering for a moment."""
    part = appliance.part("api")
    return bool(part["state"] == "healthy" and part["pid"] != before)


def test_a_page_goes_on_after_a_restart_of_the_api(appliance: Appliance, browser: Browser) -> None:
    browser.open("/rooms")
    browser.run("window.isTheSamePage = true")
    before = appliance.part("api")["pid"]
    os.kill(before, signal.SIGTERM)
    browser.until(lambda: _is_another(appliance, before), "another API")
    assert appliance.call("POST", "/v1/rooms", {"roomId": "after-restart"})[0] == 201
    browser.until_says("after-restart", "#list")
    assert browser.run("return window.isTheSamePage")
    browser.complaints()  # that the server was away for a moment


def test_health_that_cannot_be_had_is_not_left_standing(browser: Browser) -> None:
    browser.open("/")
    browser.until_says("Capacity", "#health")
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/parts"]})
    browser.until(lambda: browser.find("#health-fault").is_displayed(), "a word of it")
    assert not browser.find("#health").is_displayed()
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    browser.until(lambda: browser.find("#health").is_displayed(), "health")
    assert not browser.find("#health-fault").is_displayed()
    browser.complaints()  # that nobody answered


def test_a_page_stays_when_another_tenant_is_chosen_elsewhere(appliance: Appliance, browser: Browser) -> None:
    made = appliance.command("tenants", "create", "elsewhere", "--json")
    assert made.returncode == 0, made.stderr
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
    browser.complaints()  # that the page was refused
    assert appliance.call("DELETE", "/v1/rooms/unseen")[0] == 204


def test_who_is_signed_out_comes_back_to_the_same_page(appliance: Appliance, browser: Browser) -> None:
    browser.open("/recordings?state=failed")
    password = new_password(appliance)
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
