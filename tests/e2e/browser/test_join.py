"""Who joins by a link without a camera, and who only watches."""

import asyncio

import pytest

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.joining import DENIED, complaints, enter, invite, join, until_seen
from tests.e2e.browser.looks import has_no_faults
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

pytestmark = [pytest.mark.appliance, pytest.mark.alone]
_NO_DEVICES = "Object.defineProperty(Navigator.prototype, 'mediaDevices', {get: () => undefined})"


async def test_without_a_camera_one_is_there_all_the_same(appliance: Appliance, caller: Caller) -> None:
    room = await caller.room("join-denied")
    link = await invite(caller, room)
    with opened(appliance.url, *DENIED) as browser:
        browser.open(link)
        browser.until_says("was not allowed to use the microphone and the camera", "#device-fault")
        has_no_faults(browser, "refused")
        enter(browser, link, "Grace")
        browser.until_says("Unmute", ".controls")
        [here] = (await caller.http.get(f"/v1/rooms/{room}/participants")).json()
        assert (here["name"], here["isPublisher"]) == ("Grace", False)
        browser.press("#picture")
        browser.until_says("was not allowed to use the camera", "#trouble")
        gone = await caller.http.delete(f"/v1/rooms/{room}/participants/{here['identity']}")
        assert gone.status_code == 204
        await asyncio.to_thread(browser.until_says, "You were removed from the room", "#over")
        browser.open(f"{link}x")
        browser.until_says("This link does not work")
        has_no_faults(browser, "a wrong link")
        assert [one for one in complaints(browser) if "404" not in one] == []
        await asyncio.to_thread(_join_over_plain_http, browser, link)


def _join_over_plain_http(browser: Browser, link: str) -> None:
    """A browser that came by http:// knows of no devices at all: that is said wherever one asks for them."""
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _NO_DEVICES})
    browser.open(link)
    browser.until_says("over https:// only", "#device-fault")
    join(browser, "Grace")
    browser.press("#mute")
    browser.until_says("over https:// only", "#trouble")
    browser.press("#devices")
    browser.until_says("over https:// only", "#chosen")
    assert complaints(browser) == []


async def test_who_only_watches_is_asked_for_no_device(appliance: Appliance, caller: Caller) -> None:
    room = await caller.room("join-viewer")
    await caller.join(room, 0)
    with opened(appliance.url, *DENIED) as browser:
        browser.open(await invite(caller, room, role="viewer"))
        browser.until_says("nothing of you is sent")
        browser.fill("#name", "Hedy")
        browser.press("#join")
        await asyncio.to_thread(until_seen, browser, "person-0")
        assert browser.run("return document.querySelector('#mute')") is None
        assert complaints(browser) == []
