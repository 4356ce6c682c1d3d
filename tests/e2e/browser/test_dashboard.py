"""An admin at the dashboard, in the system's Chromium, with a meeting that is really recorded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.looks import looks_well
from tests.support.appliance import Appliance
from tests.support.webhook_sink import Sink, sink_of

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.alone,
]  # a browser and a meeting are all that two cores can do
_PLAYED = "const film = document.querySelector('video'); return film && film.currentTime > 0.5"
_SEEN = "const film = document.querySelector('video'); return film.readyState >= 2 && !film.seeking"
_EXPIRE = """const film = document.querySelector('video');
film.pause(); film.src = film.src.replace(/X-Amz-Signature=\\w+/, 'X-Amz-Signature=0'); film.currentTime = 1"""
_RENEWED = """const film = document.querySelector('video');
return film.readyState >= 2 && !film.seeking && !film.src.includes('Signature=0') && Math.abs(film.currentTime - 1) < 0.1"""
_PICTURE = """const at = document.querySelector('.preview .picture');
return at.checkVisibility() && at.style.backgroundImage.includes('.storyboard-')"""


@asynccontextmanager
async def _meeting(appliance: Appliance, room: str) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for index in range(2):
            status, made = await asyncio.to_thread(
                appliance.call, "POST", f"/v1/rooms/{room}/tokens", {"identity": f"person-{index}"}
            )
            assert status == 200, made
            await stack.enter_async_context(Participant(made["url"], made["token"], index, Media()))
        yield


def _open_room(browser: Browser) -> str:
    browser.open("/rooms")
    browser.fill("#room-name", "Weekly review")
    browser.press(".stack button.primary")
    browser.until_says("Weekly review", "h1")
    return browser.driver.current_url.rpartition("/")[2]


def _add_endpoint(browser: Browser, url: str) -> str:
    browser.open("/webhooks")
    browser.fill("#url", url)
    browser.press("input[value='recording.complete']")
    browser.press(".stack button.primary")
    browser.until_says("shown this once")
    assert str(browser.find("#secret").get_attribute("value")).startswith("whsec_")
    browser.press(".once a.button")
    browser.until_says("Nothing was sent", "#list")
    return browser.driver.current_url.removeprefix(browser.url)


def _record(browser: Browser) -> None:
    """Start, pause, go on and stop, each on the page as it is: nothing is loaded anew."""
    browser.run("window.isTheSamePage = true")
    browser.until_says("person-0")
    browser.press("form[action$='/record'] button.primary")
    browser.until_says("Stop", "#now")
    browser.press("#now form[action$='/pause'] button")
    browser.until_says("Paused", "#now")
    browser.press("#now form[action$='/resume'] button")
    browser.until(
        lambda: browser.driver.find_elements("css selector", "#now form[action$='/pause']"), "going on"
    )
    browser.until_says("0:0", "#now .ticking")
    assert browser.run("return window.isTheSamePage")


def _see_it_live(browser: Browser) -> None:
    browser.open("/")
    browser.until_says("Weekly review", "#now")
    browser.until_says("2 people", "#now")
    browser.until_says("more recording", "#health")


def _play(browser: Browser) -> None:
    browser.run("document.querySelector('video').muted = true; document.querySelector('video').play()")
    browser.until(lambda: browser.run(_PLAYED), "the film playing")


def _stop_and_play(browser: Browser, room: str) -> None:
    browser.open(f"/rooms/{room}")
    browser.press("#now .rows a[href^='/recordings']")
    browser.press("#now form[action$='/stop'] button")
    browser.find("video")  # the page is another one as soon as the recording is ready
    _play(browser)


def _outlive_the_link(browser: Browser) -> None:
    """A link that does not work any more is replaced, and the film is where it was."""
    browser.run(_EXPIRE)
    browser.until(lambda: browser.run(_RENEWED), "the film by another link")
    browser.complaints()  # that the link does not work


def _go_to_moment(browser: Browser, seconds: float) -> None:
    browser.run(
        "const film = document.querySelector('video'); film.pause(); film.currentTime = arguments[0]", seconds
    )
    browser.until(lambda: browser.run(_SEEN), f"the picture at {seconds} s")


def _cut(browser: Browser) -> None:
    """Mark by pointer and by keys, then make the clip without a pointer."""
    _go_to_moment(browser, 0.5)
    browser.press("[data-mark=start]")
    assert browser.find("#start").get_attribute("value") == "0:00.5"
    _go_to_moment(browser, 2)
    browser.type("o")
    assert browser.find("#end").get_attribute("value") == "0:02.0"
    browser.go_to("#mark-end")
    browser.type(Keys.ARROW_RIGHT)
    assert browser.find("#end").get_attribute("value") == "0:02.1"
    browser.go_to("#label")
    browser.type("The best moment", Keys.ENTER)
    browser.until_says("The best moment", "#now")
    browser.until_says("Complete", "#now")
    browser.press("#now .rows a[href^='/clips']")
    browser.until_says("The best moment", "h1")
    _play(browser)


def _see_pictures(browser: Browser) -> None:
    """Move along the line until the storyboard is made and shows the moment."""

    def is_shown() -> bool:
        for x in (-100, 100):
            ActionChains(browser.driver).move_to_element_with_offset(
                browser.find(".timeline"), x, 0
            ).perform()
        return bool(browser.run(_PICTURE))

    browser.until(is_shown, "a picture of the storyboard")


async def _replay(browser: Browser, endpoint: str, recording_id: str, sink: Sink) -> None:
    """Look at what was sent and answered, and have it sent again: it is the same message."""

    def look_and_send() -> None:
        browser.open(endpoint)
        browser.until_says("recording.complete", "#list")
        browser.until_says("Delivered", "#list")
        browser.press("#list summary")
        browser.until_says(recording_id, "#list pre")
        browser.until_says("webhook-signature: v1,", "#list pre")
        browser.until_says("thanks", "#list details")
        browser.press("#list details form button")
        browser.until_says("The event is sent again", "#said")

    await sink.has(1)
    await asyncio.to_thread(look_and_send)
    await sink.has(2)
    (before, body), (again, same) = sink.got
    assert again["webhook-id"] == before["webhook-id"]
    assert same == body
    await asyncio.to_thread(browser.until_says, "Delivered", "#list")


async def test_a_meeting_is_recorded_played_and_cut(appliance: Appliance, browser: Browser) -> None:
    room = await asyncio.to_thread(_open_room, browser)
    async with sink_of() as sink:
        endpoint = await asyncio.to_thread(_add_endpoint, browser, sink.url)
        async with _meeting(appliance, room):
            await asyncio.to_thread(browser.open, f"/rooms/{room}")
            await asyncio.to_thread(_record, browser)
            await asyncio.to_thread(_see_it_live, browser)
            await asyncio.sleep(3)  # of which there is something to see
            await asyncio.to_thread(_stop_and_play, browser, room)
        recording = browser.driver.current_url.removeprefix(browser.url)
        await asyncio.to_thread(_outlive_the_link, browser)
        await asyncio.to_thread(_see_pictures, browser)
        await asyncio.to_thread(_cut, browser)
        clip = browser.driver.current_url.removeprefix(browser.url)
        await _replay(browser, endpoint, recording.rpartition("/")[2], sink)
    pages = ("/", "/rooms", "/recordings", "/clips", "/webhooks", "/audit?all=1", f"/rooms/{room}")
    settings = [f"/settings/{name}" for name in ("storage", "keys", "tenants", "rules", "password")]
    for path in (*pages, *settings, recording, clip, endpoint, "/sign-in"):
        await asyncio.to_thread(looks_well, browser, path)
    browser.open(recording)
    browser.press("#now form[action$='/archive'] button")
    browser.until_says("Bring back", "#now")
    assert browser.complaints() == []
    browser.open(endpoint)
    browser.press("form[action$='/delete'] button")
    browser.agree()
    browser.until_says("There are no endpoints yet")
