"""Whoever goes by keyboard goes on where a button was pressed, whatever comes of it."""

import asyncio

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import desk
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.scene import Scene
from tests.support.appliance import Appliance
from tests.support.webhook_sink import sink_of

_ACTIVE = "return document.activeElement.id || document.activeElement.tagName"
_WORD = "return document.activeElement.innerText"
pytestmark = [pytest.mark.appliance, pytest.mark.alone]


def _press(browser: Browser, css: str) -> None:
    """Go to a button as somebody without a mouse does, and press it."""
    browser.go_to(css)
    browser.type(Keys.ENTER)


def _is_at(browser: Browser, active: str, word: str) -> None:
    """Wait until the page is still and the focus is there, on something that says this."""

    def is_at() -> bool:
        return bool(browser.run(_ACTIVE) == active and word in browser.run(_WORD))

    browser.until_still()
    browser.until(is_at, f"the focus on {active}, “{word}”, instead of {browser.run(_ACTIVE)}")


def _record(browser: Browser) -> None:
    browser.open("/rooms/by-key")
    browser.run("window.isTheSamePage = true")
    _press(browser, "#record")
    browser.until_says("The room is being recorded", "#record-acts")
    _is_at(browser, "record", "Change the layout")
    browser.until_says("Recording", "#now .badge")
    _press(browser, "#now [id^=pause]")
    browser.until_says("Paused", "#now .badge")
    toggle = str(browser.run(_ACTIVE))
    assert toggle.startswith("pause-rec_"), toggle
    _is_at(browser, toggle, "Resume")
    browser.type(Keys.ENTER)
    browser.until_says("Recording", "#now .badge")
    _is_at(browser, toggle, "Pause")
    browser.type(Keys.TAB, Keys.ENTER)
    browser.until_says("Start recording", "#record-acts")
    browser.until_says("Ready", "#now .badge")
    _is_at(browser, toggle.removeprefix("pause-"), "")
    assert browser.run("return window.isTheSamePage")


def _stop_on_its_own_page(browser: Browser) -> None:
    """The button is gone then, and the page is another one as soon as the film is there."""
    _press(browser, "#record")
    browser.press("#now .rows [id^=pause]")  # it has begun
    browser.until_says("Paused", "#now .badge")  # rows move while it becomes so
    browser.press("#now .rows a[href^='/recordings']")
    browser.until_says("Paused", "#facts-title")
    _press(browser, "#now [id^=stop]")
    browser.find("video")
    _is_at(browser, "facts-title", "Ready")


async def test_a_recording_is_started_paused_and_stopped_without_losing_ones_place(
    appliance: Appliance, browser: Browser
) -> None:
    made = Scene(appliance)
    await made.call("POST", "/v1/rooms", {"roomId": "by-key", "name": "By key"})
    async with made.people("by-key", "Ada Lovelace"):
        await asyncio.to_thread(_record, browser)
        await asyncio.to_thread(_stop_on_its_own_page, browser)
    assert browser.complaints() == []
    assert (await asyncio.to_thread(appliance.call, "DELETE", "/v1/rooms/by-key"))[0] == 204


def _look_after(browser: Browser, endpoint: str) -> None:
    browser.open(endpoint)
    browser.run("window.isTheSamePage = true")
    _press(browser, "#test")
    browser.until_says("The test event was delivered", "#said")
    _is_at(browser, "test", "Send a test event")
    browser.type(Keys.TAB, Keys.ENTER)
    browser.until_says("Paused", "#endpoint .badge")
    _is_at(browser, "pause", "Resume")
    browser.type(Keys.ENTER)
    browser.until_says("Active", "#endpoint .badge")
    _is_at(browser, "pause", "Pause")
    assert browser.run("return window.isTheSamePage")


def _go_elsewhere(appliance: Appliance, browser: Browser, endpoint: str) -> None:
    """Whoever has left the button is not led back to it by what changes later."""
    browser.type(Keys.TAB)
    browser.run("document.activeElement.blur()")
    deliveries = "return document.querySelectorAll('#list li').length"
    before = browser.run(deliveries)
    assert appliance.call("POST", f"/v1{endpoint}/test")[0] == 200
    browser.until(lambda: browser.run(deliveries) > before, "another delivery")
    browser.until_still()
    assert browser.run(_ACTIVE) == "BODY"


async def test_an_endpoint_is_tested_paused_and_resumed_without_losing_ones_place(
    appliance: Appliance, browser: Browser
) -> None:
    async with sink_of() as sink:
        endpoint = await asyncio.to_thread(desk.add_endpoint, browser, sink.url)
        await asyncio.to_thread(_look_after, browser, endpoint)
    assert browser.complaints() == []
    browser.open("/webhooks")
    assert (await asyncio.to_thread(appliance.call, "DELETE", f"/v1{endpoint}"))[0] == 204
