"""Takes the pictures of docs/join-pictures.md: whatever people may see who open a link, from the lobby to the end."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.faces import write_film
from tests.e2e.browser.joining import ALLOWED, DENIED, join, until_devices
from tests.e2e.browser.scene import Scene
from tests.e2e.browser.shots import Camera

_NAME = "Ada Lovelace"
_OTHERS = ("Charles Babbage", "Grace Hopper")
_SEEN_CROWD = ("Mary Jackson", "Edsger Dijkstra", "Mark Dean")
_UNSEEN_CROWD = ("Alan Turing", "Radia Perlman", "Barbara Liskov", "Grace Hopper", "Charles Babbage")
_NAMED = """const media = navigator.mediaDevices, ask = media.enumerateDevices.bind(media);
const names = {audioinput: "microphone", videoinput: "camera", audiooutput: "speaker"};
media.enumerateDevices = async () => (await ask()).filter((one) => one.deviceId !== "default")
  .filter((one, at, all) => all.findIndex((other) => other.kind === one.kind) === at)
  .map(({deviceId, groupId, kind}) => ({deviceId, groupId, kind, label: `Built-in ${names[kind]}`}));"""
_UNANSWERED = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"
_FILMS_SHOWN = """return [...document.querySelectorAll(".tile video")].filter((one) => !one.hidden)
  .filter((one) => one.videoWidth > 150).length >= arguments[0]"""


@contextmanager
def _changed(browser: Browser, script: str) -> Iterator[None]:
    """Run the script before those of every page that is opened while the block runs."""
    made = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    yield
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", made)


class _Visit:
    """Ada's browser, and the room that she has links to."""

    def __init__(self, scene: Scene, camera: Camera) -> None:
        self.scene, self.browser, self.camera = scene, camera.browser, camera

    async def do(self, act: Callable[..., Any], *args: Any) -> None:
        await asyncio.to_thread(act, *args)

    async def link(self, room: str, **asked: Any) -> str:
        made = await self.scene.call("POST", f"/v1/rooms/{room}/invites", asked)
        return str(made["url"]).removeprefix(self.browser.url)

    async def room(self, room: str, name: str, **asked: Any) -> str:
        await self.scene.call("POST", "/v1/rooms", {"roomId": room, "name": name, **asked})
        return await self.link(room)

    def lobby(self, link: str, picture: str) -> None:
        self.browser.open(link)
        until_devices(self.browser)
        self.browser.fill("#name", _NAME)
        self.camera.take(picture)

    def enter(self, link: str) -> None:
        self.browser.open(link)
        until_devices(self.browser)
        join(self.browser, _NAME)

    def picture(self, name: str, says: str, where: str, films: int = 0) -> None:
        """Take it as soon as that is to be read, and so many people are seen sharply."""
        self.browser.until_says(says, where)
        self.browser.until(lambda: self.browser.run(_FILMS_SHOWN, films), f"{films} films")
        self.camera.take(name)

    def press(self, *buttons: str) -> None:
        for css in buttons:
            self.browser.press(css)


async def _before(visit: _Visit, link: str) -> None:
    await visit.do(visit.lobby, link, "lobby")
    expired = await visit.link("planning", ttlSeconds=1)
    with _changed(visit.browser, _UNANSWERED):
        await visit.do(visit.browser.open, link)
        await visit.do(visit.picture, "question", "", "body")
    await visit.do(visit.browser.open, await visit.link("planning", role="viewer"))
    await visit.do(visit.picture, "viewer", "nothing of you is sent", "main")
    await visit.do(visit.camera.take, "wrong-link", f"{link}x")
    await visit.do(visit.camera.take, "expired-link", expired)


def _refused(url: str, link: str, folder: Path) -> None:
    with opened(url, *DENIED) as browser, Camera(browser, folder) as camera:
        browser.open(link)
        browser.until_says("was not allowed to use", "#device-fault")
        camera.take("refused")


async def _recorded(visit: _Visit, link: str) -> None:
    call = visit.scene.call
    await call("POST", "/v1/rooms/planning/recording/start", {})
    await visit.do(visit.browser.open, link)
    await visit.do(visit.browser.until_says, "Whoever joins is in the recording.", "#notice")
    await visit.do(visit.lobby, link, "lobby-recorded")
    await visit.do(visit.enter, link)
    await visit.do(visit.picture, "recorded", "This room is being recorded.", "#notice", 3)
    await visit.scene.pause("planning")
    await visit.do(visit.picture, "paused", "Recording paused", "#notice", 3)
    await call("POST", "/v1/rooms/planning/recording/stop")
    await visit.do(visit.browser.until_says, "The recording has ended.", "#said")


async def _inside(visit: _Visit) -> None:
    """Ada is in the room with the others, and remains there when they have gone."""
    await visit.do(visit.picture, "meeting", "3 people", "header", 3)
    await visit.do(visit.press, "#devices")
    await visit.do(visit.picture, "devices", "Built-in camera", "#chosen")
    await visit.do(visit.press, "#chooser button.primary", "#mute", "#picture")
    await visit.do(visit.picture, "muted", "Camera on", ".controls", 2)
    await visit.do(visit.press, "#mute", "#picture")
    async with await visit.scene.guest("planning", "Alan Turing", turn=9, turns=10, shows_slide=True):
        await visit.do(visit.picture, "screen", "Screen of Alan Turing", "#stage", 5)


async def _end(visit: _Visit, link: str) -> None:
    await visit.do(visit.picture, "alone", "Nobody else is here yet", "header", 1)
    await visit.do(visit.press, "#leave")
    await visit.do(visit.picture, "left", "You have left", "#over")
    await visit.do(visit.enter, link)
    here = await visit.scene.call("GET", "/v1/rooms/planning/participants")
    await visit.scene.call("DELETE", f"/v1/rooms/planning/participants/{here[0]['identity']}")
    await visit.do(visit.picture, "removed", "You were removed from the room", "#over")
    await visit.do(visit.enter, link)
    await visit.scene.call("DELETE", "/v1/rooms/planning")
    await visit.do(visit.picture, "closed", "The room was closed", "#over")
    await visit.do(visit.camera.take, "closed-link", link)


async def _full(visit: _Visit) -> None:
    link = await visit.room("interview-2", "Customer interview", maxParticipants=1)
    async with visit.scene.people("interview-2", "Alan Turing"):
        await visit.do(visit.browser.open, link)
        await visit.do(until_devices, visit.browser)
        await visit.do(visit.browser.fill, "#name", _NAME)
        await visit.do(visit.press, "#join")
        await visit.do(visit.browser.until, lambda: visit.browser.text("#fault"), "a refusal")
        await visit.do(visit.camera.take, "full")


async def _crowd(visit: _Visit) -> None:
    link = await visit.room("town-hall", "Town hall")
    async with (
        visit.scene.people("town-hall", *_SEEN_CROWD),
        visit.scene.people("town-hall", *_UNSEEN_CROWD, has_camera=False),
    ):
        await visit.do(visit.enter, link)
        await visit.do(visit.picture, "crowd", "9 people", "header", 3)
        await visit.do(visit.press, "#leave")


async def join_pictures(scene: Scene, films: Path, folder: Path) -> None:
    film = films / "ada.y4m"
    await asyncio.to_thread(write_film, _NAME, film)
    url = scene.appliance.url
    with (
        opened(url, *ALLOWED, f"--use-file-for-fake-video-capture={film}") as browser,
        Camera(browser, folder) as camera,
    ):
        visit = _Visit(scene, camera)
        link = await visit.room("planning", "Planning")
        with _changed(browser, _NAMED):
            await _before(visit, link)
            await asyncio.to_thread(_refused, url, link, folder)
            async with scene.people("planning", *_OTHERS):
                await _recorded(visit, link)
                await _inside(visit)
            await _end(visit, link)
            await _full(visit)
            await _crowd(visit)
