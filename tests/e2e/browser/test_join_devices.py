"""No camera and no microphone is on that the page does not show, however fast or late somebody or something is."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.joining import ALLOWED, invite, join, until_devices
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

pytestmark = [pytest.mark.appliance, pytest.mark.alone]
_WATCH = """const media = navigator.mediaDevices;
const open = media.getUserMedia.bind(media);
window.opened = [];
window.held = sessionStorage.held ? new Promise((go) => (window.letGo = go)) : null;
media.getUserMedia = async (wanted) => {
  await window.held;
  const stream = await open(wanted);
  window.opened.push(...stream.getTracks());
  return stream;
};"""
"""Keeps all tracks that the page was given; they come late if `held` is set."""
_ON = "return window.opened.filter((track) => track.readyState === 'live').map((track) => track.kind).sort()"
_TWICE = "const button = document.querySelector('#camera-switch'); button.click(); button.click();"


@pytest.fixture
def browser(appliance: Appliance) -> Iterator[Browser]:
    with opened(appliance.url, *ALLOWED) as browser:
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        yield browser


def _until_on(browser: Browser, *kinds: str) -> None:
    """Wait until these are on and no other is."""
    browser.until(lambda: browser.run(_ON) == list(kinds), f"only {kinds} being on")


def _uses_the_lobby(browser: Browser, link: str) -> None:
    browser.open(link)
    until_devices(browser)
    _until_on(browser, "audio", "video")
    for on in (["audio"], ["audio", "video"]):
        browser.run(_TWICE)
        until_devices(browser)
        _until_on(browser, *on)
    browser.run("window.opened.at(-1).dispatchEvent(new Event('ended'))")
    browser.until_says("The camera cannot be used: it was unplugged", "#device-fault")
    _until_on(browser, "audio")
    browser.press("#try-again")
    browser.until(lambda: browser.run("return document.querySelector('#device-fault').hidden"), "no fault")
    _until_on(browser, "audio", "video")


def _joins_in_vain(browser: Browser) -> None:
    browser.run(
        "LivekitClient.LocalParticipant.prototype.publishTrack = async () => { throw new Error('no way') }"
    )
    join(browser, "Grace")
    browser.until_says("(no way)", "#trouble")
    _until_on(browser)
    browser.until_says("Unmute", ".controls")


def _joins_before_the_devices_are_there(browser: Browser, link: str) -> None:
    browser.run("sessionStorage.held = 'yes'")
    browser.open(link)
    join(browser, "Hedy")
    browser.run("window.letGo()")
    browser.until(lambda: browser.run("return window.opened.length") == 2, "the devices, too late")
    _until_on(browser)


async def test_what_is_not_shown_is_off(browser: Browser, caller: Caller) -> None:
    link = await invite(caller, await caller.room("join-devices"))
    await asyncio.to_thread(_uses_the_lobby, browser, link)
    await asyncio.to_thread(_joins_in_vain, browser)
    await asyncio.to_thread(_joins_before_the_devices_are_there, browser, link)
