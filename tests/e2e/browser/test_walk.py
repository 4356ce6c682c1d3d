"""From signing in to a clip that plays: an admin at the dashboard, and two people with browsers and a link."""

import asyncio
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import cameras, desk, film, joining
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.looks import has_no_faults, looks_well
from tests.support.appliance import Appliance
from tests.support.webhook_sink import sink_of

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.alone,
]  # three browsers and a recorder are all that two cores can do
_NAMES = ("Ada Lovelace", "Charles")
_PAGES = ("/", "/rooms", "/recordings", "/clips", "/webhooks", "/audit?all=1")
_SETTINGS = ("storage", "keys", "tenants", "rules", "password")
_FILM_S = 3
_COPIED = "navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))"


def _open_room(browser: Browser) -> str:
    """Make a room and return the path of its page."""
    browser.open("/rooms")
    browser.fill("#room-name", "Weekly review")
    browser.press(".stack button.primary")
    browser.until_says("Weekly review", "h1")
    return browser.driver.current_url.removeprefix(browser.url)


def _copy_link(browser: Browser) -> str:
    """Press the button, and return what a paste would give."""
    may = {"origin": browser.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", may)
    browser.press("[data-copy=link-participant]")
    link = f"{browser.url}/join/~"

    def copied() -> str | None:
        text = str(browser.driver.execute_async_script(_COPIED))
        return text if text.startswith(link) else None

    return browser.until(copied, "the link being copied").removeprefix(browser.url)


def _meet(pair: list[Browser], link: str) -> None:
    pair[0].open(link)
    pair[0].until_still()
    has_no_faults(pair[0], "before joining")
    joining.meet(pair, link, _NAMES)
    joining.told_nothing(pair)


def _believes_no_old_word(browser: Browser) -> None:
    """Whoever gets no answer any more is not left with the word that nothing is recorded."""
    browser.run("window.asked = window.fetch; window.fetch = async () => new Response('', {status: 404})")
    browser.until_says("This room is being recorded.", "#notice")
    browser.run("window.fetch = window.asked")
    browser.until_says("Recording paused", "#notice")


def _record(browser: Browser, pair: list[Browser]) -> None:
    """Start, pause and go on, each on the page as it is: nothing is loaded anew, and everybody is told."""
    browser.run("window.isTheSamePage = true")
    browser.until_says(_NAMES[0])
    has_no_faults(browser, "people of a room")
    browser.press("form[action$='/record'] button.primary")
    browser.until_says("Stop", "#now")
    browser.until_says("being recorded, with the layout grid.", "#record-acts")
    assert not browser.find("[name=audio_only]").is_displayed(), "it is for the start"
    joining.told(pair, "This room is being recorded.")
    browser.press("#now form[action$='/pause'] button")
    browser.until_says("Paused", "#now")
    joining.told(pair, "Recording paused")
    _believes_no_old_word(pair[0])
    browser.press("#now form[action$='/resume'] button")
    joining.told(pair, "This room is being recorded.")
    browser.find("#now form[action$='/pause']")
    browser.until_says(":", "#now .ticking")
    assert browser.run("return window.isTheSamePage")
    time.sleep(_FILM_S)  # of which there is something to see


def _see_it_live(browser: Browser, pair: list[Browser], link: str) -> None:
    browser.open("/")
    browser.until_says("Weekly review", "#now")
    browser.until_says("2 people", "#now")
    browser.until_says("1 recording runs", "#health")
    has_no_faults(pair[0], "inside")
    browser.open(link)
    browser.until_says("Whoever joins is in the recording.", "#notice")


def _stop_and_play(browser: Browser, room: str, pair: list[Browser]) -> str:
    """Return the path of the recording's page."""
    browser.open(room)
    browser.press("#now .rows a[href^='/recordings']")
    browser.press("#now form[action$='/stop'] button")
    joining.told_nothing(pair)
    browser.find("video")  # the page is another one as soon as the recording is ready
    film.play(browser)
    film.both_are_seen(browser)
    return browser.driver.current_url.removeprefix(browser.url)


def _part(browser: Browser, room: str, link: str, pair: list[Browser]) -> None:
    """One leaves, the other one is there when the room is closed."""
    pair[1].press("#leave")
    pair[1].until_says("You have left", "#over")
    has_no_faults(pair[1], "after leaving")
    pair[0].until_says("Nobody else is here yet", "header")
    browser.open(room)
    browser.press("#close")
    browser.agree()
    pair[0].until_says("The room was closed", "#over")
    for one in pair:
        assert joining.complaints(one) == []
    pair[0].open(link)
    pair[0].until_says("Weekly review was closed")
    has_no_faults(pair[0], "a link to a closed room")


def _cut(browser: Browser) -> str:
    """Mark by pointer and by keys, make the clip without a pointer, and return the path of its page."""
    film.go_to_moment(browser, 0.5)
    browser.press("[data-mark=start]")
    assert browser.find("#start").get_attribute("value") == "0:00.5"
    film.go_to_moment(browser, 2)
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
    film.play(browser)
    film.both_are_seen(browser)
    return browser.driver.current_url.removeprefix(browser.url)


def _walk(appliance: Appliance, browser: Browser, room: str, folder: Path) -> tuple[str, str]:
    """Hold the meeting and return the paths of its recording and of a clip."""
    desk.make_token(browser, room)
    browser.open(room)
    link = _copy_link(browser)
    films = [cameras.write_camera(colour, folder / f"{colour}.y4m") for colour in cameras.COLOURS]
    with joining.people(appliance.url, len(_NAMES), films) as pair:
        _meet(pair, link)
        _record(browser, pair)
        _see_it_live(browser, pair, link)
        recording = _stop_and_play(browser, room, pair)
        _part(browser, room, link, pair)
    browser.open(recording)
    film.play(browser)
    film.both_are_in_it(film.fetch(browser, folder / "recording.mp4"))
    film.outlive_the_link(browser)
    film.see_storyboard(browser)
    browser.until_says("Verified", "#now")  # also a recording that was paused is what was recorded
    assert "The file is not what was recorded" not in browser.text("#now")
    return recording, _cut(browser)


async def test_a_meeting_is_recorded_played_and_cut(
    appliance: Appliance, browser: Browser, tmp_path: Path
) -> None:
    async with sink_of() as sink:
        endpoint = await asyncio.to_thread(desk.add_endpoint, browser, sink.url)
        room = await asyncio.to_thread(_open_room, browser)
        recording, clip = await asyncio.to_thread(_walk, appliance, browser, room, tmp_path)
        await desk.replay(browser, endpoint, recording, sink)
    await asyncio.to_thread(desk.make_key, browser)
    await asyncio.to_thread(desk.change_storage, appliance, browser)
    settings = [f"/settings/{name}" for name in _SETTINGS]
    for path in (*_PAGES, *settings, room, recording, clip, endpoint, "/sign-in"):
        await asyncio.to_thread(looks_well, browser, path)
    await asyncio.to_thread(desk.clear_away, browser, recording, endpoint)
    assert browser.complaints() == []
