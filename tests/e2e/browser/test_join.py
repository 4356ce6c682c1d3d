"""Two people with browsers and a link: they meet, are told that they are recorded, and are in the recording."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.joining import ALLOWED, DENIED, enter, invite
from tests.e2e.browser.looks import has_no_faults
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

pytestmark = [
    pytest.mark.appliance,
    pytest.mark.alone,
]  # two browsers and a recorder are all that two cores can do
_NAMES = ("Ada Lovelace", "Charles")
_WIDTH, _HEIGHT, _RATE = 1280, 720, 8000
_FILM_S = 3
_HEARD = "return document.querySelectorAll('#sounds audio').length"
_SEEN = """const [canvas] = [Object.assign(document.createElement("canvas"), {width: 64, height: 36})];
const pen = canvas.getContext("2d", {willReadFrequently: true});
return [...document.querySelectorAll("#tiles .tile")].map((tile) => {
  const film = tile.querySelector("video");
  if (film.hidden || !film.videoWidth) return [tile.querySelector(".name").textContent, 0, 0];
  pen.drawImage(film, 0, 0, 64, 36);
  const light = pen.getImageData(0, 0, 64, 36).data.reduce((sum, value, at) => sum + (at % 4 === 3 ? 0 : value), 0);
  return [tile.querySelector(".name").textContent, light / (64 * 36), film.getVideoPlaybackQuality().totalVideoFrames];
});"""
"""Of each tile the name, how bright its picture is, and how many of its pictures were shown."""


@pytest.fixture
def pair(appliance: Appliance) -> Iterator[list[Browser]]:
    with ExitStack() as stack:
        yield [stack.enter_context(opened(appliance.url, *ALLOWED)) for _ in _NAMES]


def _sees(browser: Browser) -> dict[str, list[float]]:
    return {name: rest for name, *rest in browser.run(_SEEN)}


def _until_seen(browser: Browser, name: str) -> None:
    """Wait until that person's picture is no black one, and goes on."""
    first = browser.until(
        lambda: (seen := _sees(browser).get(name, [0, 0]))[0] > 30 and seen, f"a picture of {name}"
    )
    browser.until(lambda: _sees(browser)[name][1] > first[1] + 5, f"{name} moving")


def _meet(pair: list[Browser], link: str) -> None:
    for browser, name in zip(pair, _NAMES, strict=True):
        enter(browser, link, name)
    for browser, other in zip(pair, reversed(_NAMES), strict=True):
        _until_seen(browser, other)
        browser.until_says("2 people", "header")
        browser.until(lambda b=browser: b.run(_HEARD) == 1, f"the sound of {other}")  # type: ignore[misc]  # bound at once


def _told(pair: list[Browser], text: str) -> None:
    for browser in pair:
        browser.until_says(text, "#notice")


def _told_nothing(pair: list[Browser]) -> None:
    for browser in pair:
        browser.until(lambda b=browser: b.run("return document.querySelector('#notice').hidden"), "no notice")  # type: ignore[misc]  # bound at once


def _believes_no_old_word(browser: Browser) -> None:
    """Whoever gets no answer any more is not left with the word that nothing is recorded."""
    browser.run("window.asked = window.fetch; window.fetch = async () => new Response('', {status: 404})")
    browser.until_says("This room is being recorded.", "#notice")
    browser.run("window.fetch = window.asked")
    browser.until_says("Recording paused", "#notice")


def _complaints(browser: Browser) -> list[str]:
    """Return what the browser found wrong, but for what LiveKit's client says of connections that come and go."""
    told = browser.complaints()
    return [one for one in told if "livekit-client.js" not in one or "Content Security Policy" in one]


def _decoded(file: Path, *words: str) -> bytes:
    ran = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(file), *words, "-"], capture_output=True, check=True
    )
    return ran.stdout


def _both_are_in_it(file: Path) -> None:
    """Each half of the picture is somebody's green picture and changes, and there is a sound."""
    raw = _decoded(file, "-f", "rawvideo", "-pix_fmt", "rgb24")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, _HEIGHT, _WIDTH, 3).astype(np.int16)
    assert len(frames) > 30
    middle = frames[:, _HEIGHT // 2 - 120 : _HEIGHT // 2 + 120]
    for half in (middle[:, :, 100 : _WIDTH // 2 - 100], middle[:, :, _WIDTH // 2 + 100 : -100]):
        red, green, blue = (half[-1, ..., channel] for channel in range(3))
        assert ((green > red + 40) & (green > blue + 40)).mean() > 0.6
        assert np.abs(half[-1] - half[len(half) // 2]).max() > 40
    sound = np.frombuffer(_decoded(file, "-f", "s16le", "-ac", "1", "-ar", str(_RATE)), np.int16)
    assert np.abs(sound.astype(np.int32)).max() > 500


async def test_two_people_meet_by_a_link_and_are_recorded(caller: Caller, pair: list[Browser]) -> None:
    room = await caller.room("join-meeting", name="Weekly review")
    link = await invite(caller, room)
    pair[0].open(link)
    pair[0].until_still()
    has_no_faults(pair[0], "before joining")
    await asyncio.to_thread(_meet, pair, link)
    _told_nothing(pair)
    await caller.until_active(room)
    await asyncio.to_thread(_told, pair, "This room is being recorded.")
    assert "Whoever joins is in the recording." in (await caller.http.get(link)).text
    await asyncio.sleep(_FILM_S)  # of which there is something to see
    (await caller.http.post(f"/v1/rooms/{room}/recording/pause")).raise_for_status()
    await asyncio.to_thread(_told, pair, "Recording paused")
    await asyncio.to_thread(_believes_no_old_word, pair[0])
    (await caller.http.post(f"/v1/rooms/{room}/recording/resume")).raise_for_status()
    await asyncio.to_thread(_told, pair, "This room is being recorded.")
    await asyncio.to_thread(has_no_faults, pair[0], "inside")
    egress_id = (await caller.stop(room))["egressId"]
    await asyncio.to_thread(_told_nothing, pair)
    assert (await caller.ended(egress_id))["size"] > 0
    await asyncio.to_thread(_both_are_in_it, await caller.download(room))
    pair[1].press("#leave")
    pair[1].until_says("You have left", "#over")
    pair[0].until_says("Nobody else is here yet", "header")
    (await caller.http.delete(f"/v1/rooms/{room}")).raise_for_status()
    await asyncio.to_thread(pair[0].until_says, "The room was closed", "#over")
    for browser in pair:
        assert _complaints(browser) == []
    pair[0].open(link)
    pair[0].until_says("Weekly review was closed")


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


async def test_who_only_watches_is_asked_for_no_device(appliance: Appliance, caller: Caller) -> None:
    room = await caller.room("join-viewer")
    await caller.join(room, 0)
    with opened(appliance.url, *DENIED) as browser:
        browser.open(await invite(caller, room, role="viewer"))
        browser.until_says("nothing of you is sent")
        browser.fill("#name", "Hedy")
        browser.press("#join")
        await asyncio.to_thread(_until_seen, browser, "person-0")
        assert browser.run("return document.querySelector('#mute')") is None
        assert _complaints(browser) == []
