"""What two people with browsers do in a room: they choose devices, mute themselves or are muted, and show a screen."""

import asyncio

import pytest
from selenium.webdriver.support.select import Select

from tests.e2e.browser import joining
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.looks import has_no_faults
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

pytestmark = [pytest.mark.appliance, pytest.mark.alone]
_NAMES = ("Ada Lovelace", "Charles")
_DEVICE = """const film = document.querySelector(arguments[0]);
return film?.srcObject?.getVideoTracks()[0]?.getSettings().deviceId ?? ''"""
_MINE = "#tiles video.mine"
_SILENT = """return [...document.querySelectorAll('#tiles .tile')].filter((one) => !one.querySelector('.silent').hidden)
  .map((one) => one.querySelector('.name').textContent)"""
_FACES = """return [...document.querySelectorAll('#tiles .tile')].filter((one) => one.querySelector('video').hidden)
  .map((one) => one.querySelector('.face').textContent)"""
_SCREEN = "const film = document.querySelector('#stage video'); return film !== null && film.videoWidth > 0"


def _until_it_gives(browser: Browser, script: str, wanted: object) -> None:
    browser.until(lambda: browser.run(script) == wanted, f"{wanted} of {script}")


def _choose(browser: Browser, css: str, shown: str) -> str:
    """Choose the camera that is not used, wait until the film `shown` is by it, and return its id."""
    choice = Select(browser.find(css))
    used = browser.run(_DEVICE, shown)
    other = next(id_ for one in choice.options if (id_ := str(one.get_attribute("value"))) != used)
    choice.select_by_value(other)
    browser.until(lambda: browser.run(_DEVICE, shown) == other, "a film by the other camera")
    return other


def _choose_before(browser: Browser, link: str) -> None:
    """Choose a camera in the lobby: it is used the next time as well, and in the room."""
    browser.open(link)
    joining.until_devices(browser)
    camera = _choose(browser, "#camera", "#mirror")
    browser.open(link)
    browser.until(lambda: browser.run(_DEVICE, "#mirror") == camera, "the camera of the last time")
    browser.until(lambda: browser.find("#camera").get_attribute("value") == camera, "its name")
    joining.join(browser, _NAMES[0])
    browser.until(lambda: browser.run(_DEVICE, _MINE) == camera, "the chosen camera in the room")


def _choose_inside(ada: Browser, charles: Browser) -> None:
    ada.press("#devices")
    ada.find("#choose-camera")
    has_no_faults(ada, "devices")
    _choose(ada, "#choose-camera", _MINE)
    ada.press("#chooser button.primary")
    joining.until_seen(charles, _NAMES[0])


def _mute(ada: Browser, charles: Browser) -> None:
    for button in ("#mute", "#picture"):
        ada.press(button)
    _until_it_gives(charles, _SILENT, [_NAMES[0]])
    _until_it_gives(charles, _FACES, ["AL"])
    has_no_faults(ada, "muted")
    for button in ("#mute", "#picture"):
        ada.press(button)
    _until_it_gives(charles, _SILENT, [])
    joining.until_seen(charles, _NAMES[0])


def _share(ada: Browser, charles: Browser) -> None:
    ada.press("#share")
    charles.until_says(f"Screen of {_NAMES[0]}", "#stage")
    charles.until(lambda: charles.run(_SCREEN), "the screen")
    has_no_faults(charles, "a screen that is shown")
    ada.until_says("Stop sharing", "#share")
    ada.press("#share")
    charles.until(lambda: charles.run("return document.querySelector('#stage').hidden"), "no screen any more")


def _work(pair: list[Browser], link: str) -> None:
    ada, charles = pair
    _choose_before(ada, link)
    joining.enter(charles, link, _NAMES[1])
    joining.until_seen(ada, _NAMES[1])
    _choose_inside(ada, charles)
    _mute(ada, charles)
    _share(ada, charles)


def _is_told_that_she_was_muted(ada: Browser, charles: Browser) -> None:
    ada.until_says("has muted you", "#trouble")
    _until_it_gives(charles, _SILENT, [_NAMES[0]])
    ada.press("#mute")
    _until_it_gives(charles, _SILENT, [])


async def test_two_people_at_work(appliance: Appliance, caller: Caller) -> None:
    room = await caller.room("join-work")
    link = await joining.invite(caller, room)
    with joining.people(appliance.url, len(_NAMES)) as pair:
        await asyncio.to_thread(_work, pair, link)
        here = (await caller.http.get(f"/v1/rooms/{room}/participants")).json()
        [ada] = [one["identity"] for one in here if one["name"] == _NAMES[0]]
        asked = {"source": "microphone"}
        (await caller.http.post(f"/v1/rooms/{room}/participants/{ada}/mute", json=asked)).raise_for_status()
        await asyncio.to_thread(_is_told_that_she_was_muted, *pair)
        for browser in pair:
            assert joining.complaints(browser) == []
