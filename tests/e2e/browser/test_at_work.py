"""What may happen to an admin in the middle of work: keys that are wrong, an API that restarts, a session that ends."""

import os
import signal

import pytest

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.conftest import new_password
from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket

pytestmark = [pytest.mark.appliance, pytest.mark.alone]


def test_a_wrong_key_is_refused_and_the_right_one_is_taken(appliance: Appliance, browser: Browser) -> None:
    own = make_own_bucket(appliance.settings.storage, "browser")
    browser.open("/settings/storage")
    fields = {
        "#bucket": own.name,
        "#endpoint": own.endpoint,
        "#access-key-id": own.access_key_id,
        "#secret-access-key": "a-wrong-secret",
    }
    for css, text in fields.items():
        browser.fill(css, text)
    browser.press("form.stack button.primary")
    browser.until_says("The store refused", ".fault")
    assert browser.find("#bucket").get_attribute("value") == own.name
    assert browser.find("#secret-access-key").get_attribute("value") == ""
    browser.fill("#secret-access-key", own.secret_access_key)
    browser.press("form.stack button.primary")
    browser.until_says(f"New recordings go to the bucket {own.name}", "#said")
    assert own.secret_access_key not in browser.driver.page_source
    browser.press("#test")
    browser.until_says("the key may write, read, delete", "#said")
    browser.press("#remove")
    browser.agree()
    browser.until_says("They go to the appliance's own bucket")
    status, _ = appliance.call("GET", "/v1/settings/storage")
    assert status == 404


def _is_another(appliance: Appliance, before: int) -> bool:
    """Whether a new API answers; the one that is being stopped goes on answering for a moment."""
    part = appliance.part("api")
    return part["state"] == "healthy" and part["pid"] != before


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
