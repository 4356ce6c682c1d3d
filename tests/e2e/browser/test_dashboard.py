"""An admin at the dashboard, in the system's Chromium, with a meeting that is really recorded."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.e2e.browser.browser import Browser, opened
from tests.support.appliance import Appliance

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.alone,
]  # a browser and a meeting are all that two cores can do
_LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
_PLAYED = "const film = document.querySelector('video'); return film && film.currentTime > 0.5"
_PICTURE = """const at = document.querySelector('.preview .picture');
return at.checkVisibility() && at.style.backgroundImage.includes('.storyboard-')"""


@pytest.fixture
def browser(appliance: Appliance) -> Iterator[Browser]:
    """Return one in which an admin is signed in."""
    made = appliance.command("admin", "password", "--json")
    assert made.returncode == 0, made.stderr
    with opened(appliance.url) as browser:
        browser.open("/recordings")
        browser.fill("#password", json.loads(made.stdout)["password"])
        browser.press("button.primary")
        browser.until_says("Recordings", "h1")  # the page that was asked for
        yield browser


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


def _looks_well(browser: Browser, path: str) -> None:
    browser.open(path)
    for width in (1280, 375):
        for is_dark in (False, True):
            browser.look(width=width, is_dark=is_dark)
            faults = browser.run(_LOOK)
            assert faults == [], (path, width, "dark" if is_dark else "light", faults)
    browser.look(width=1280, is_dark=False)


def _open_room(browser: Browser) -> str:
    browser.open("/rooms")
    browser.fill("#room-name", "Weekly review")
    browser.press(".stack button.primary")
    browser.until_says("Weekly review", "h1")
    return browser.driver.current_url.rpartition("/")[2]


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


def _stop_and_play(browser: Browser) -> None:
    browser.press("#now .rows a")
    browser.press("#now form[action$='/stop'] button")
    browser.find("video")  # the page is another one as soon as the recording is ready
    browser.run("document.querySelector('video').muted = true; document.querySelector('video').play()")
    browser.until(lambda: browser.run(_PLAYED), "the film playing")


def _cut(browser: Browser) -> None:
    browser.run("document.querySelector('video').pause(); document.querySelector('video').currentTime = 0.5")
    browser.press("[data-mark=start]")
    browser.run("document.querySelector('video').currentTime = 2")
    browser.press("[data-mark=end]")
    assert browser.find("#start").get_attribute("value") == "0:00.5"
    assert browser.find("#end").get_attribute("value") == "0:02.0"
    browser.fill("#label", "The best moment")
    browser.press(".cut button.primary")
    browser.until_says("The best moment", "#now")
    browser.until_says("Complete", "#now")
    browser.press("#now .rows a")
    browser.until_says("The best moment", "h1")
    browser.run("document.querySelector('video').muted = true; document.querySelector('video').play()")
    browser.until(lambda: browser.run(_PLAYED), "the clip playing")


def _see_pictures(browser: Browser) -> None:
    """Move along the line until the storyboard is made and shows the moment."""

    def is_shown() -> bool:
        for x in (-100, 100):
            ActionChains(browser.driver).move_to_element_with_offset(
                browser.find(".timeline"), x, 0
            ).perform()
        return bool(browser.run(_PICTURE))

    browser.until(is_shown, "a picture of the storyboard")


async def test_a_meeting_is_recorded_played_and_cut(appliance: Appliance, browser: Browser) -> None:
    room = await asyncio.to_thread(_open_room, browser)
    async with _meeting(appliance, room):
        await asyncio.to_thread(_record, browser)
        await asyncio.sleep(4)  # of which there is something to see
        await asyncio.to_thread(_stop_and_play, browser)
    await asyncio.to_thread(_see_pictures, browser)
    recording = browser.driver.current_url
    await asyncio.to_thread(_cut, browser)
    clip = browser.driver.current_url
    pages = ("/", "/rooms", "/recordings", "/clips", "/webhooks", "/audit?all=1", f"/rooms/{room}")
    settings = [f"/settings/{name}" for name in ("storage", "keys", "tenants", "rules", "password")]
    for path in (*pages, *settings, *(page.removeprefix(browser.url) for page in (recording, clip))):
        await asyncio.to_thread(_looks_well, browser, path)
    browser.open(recording.removeprefix(browser.url))
    browser.press("#now form[action$='/archive'] button")
    browser.until_says("Bring back", "#now")
    assert browser.complaints() == []


def test_a_bucket_is_refused_and_the_way_back_is_there(appliance: Appliance, browser: Browser) -> None:
    browser.open("/settings/storage")
    fields = {
        "#bucket": "somebody",
        "#endpoint": appliance.settings.storage.url,
        "#access-key-id": "nobody",
        "#secret-access-key": "a-wrong-secret",
    }
    for css, text in fields.items():
        browser.fill(css, text)
    browser.press("form.stack button.primary")
    browser.until_says("The store refused", ".fault")
    assert browser.find("#bucket").get_attribute("value") == "somebody"
    browser.press(".who form:last-child button")
    browser.until_says("Sign in", "h1")
    browser.open("/recordings")
    browser.until_says("Sign in", "h1")
