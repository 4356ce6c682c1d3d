"""Browsers with cameras that are none, the way of somebody with a link into a room, and what is seen and told there."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.conftest import Caller

_FAKE = "--use-fake-device-for-media-stream=device-count=2,fps=10"
_WEBRTC = ("--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns")
"""LiveKit's only address is the loopback one, and nobody resolves names of the form `….local` here."""
ALLOWED = (_FAKE, "--use-fake-ui-for-media-stream", *_WEBRTC)
DENIED = (_FAKE, "--use-fake-ui-for-media-stream=deny", *_WEBRTC)
_HEARS_ONE = "return document.querySelectorAll('#sounds audio').length === 1"
_NO_NOTICE = "return document.querySelector('#notice').hidden"
_SEEN = """const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 36});
const pen = canvas.getContext("2d", {willReadFrequently: true});
window.firstSeen ??= {};
return [...document.querySelectorAll("#tiles .tile")].map((tile) => {
  const film = tile.querySelector("video"), name = tile.querySelector(".name").textContent;
  if (film.hidden || !film.videoWidth) return [name, 0, 0];
  pen.drawImage(film, 0, 0, 64, 36);
  const now = pen.getImageData(0, 0, 64, 36).data;
  const light = now.reduce((sum, level, at) => sum + (at % 4 === 3 ? 0 : level), 0) / (64 * 36);
  if (light > 30) window.firstSeen[name] ??= now;
  const before = window.firstSeen[name] ?? now;
  return [name, light, now.filter((level, at) => Math.abs(level - before[at]) > 40).length];
});"""
"""Of each tile the name, how bright its picture is, and how much of it is another than in the first one that was bright."""


async def invite(caller: Caller, room_id: str, **asked: Any) -> str:
    made = await caller.http.post(f"/v1/rooms/{room_id}/invites", json=asked)
    return str(urlsplit(made.raise_for_status().json()["url"]).path)


def until_devices(browser: Browser) -> None:
    browser.until(
        lambda: browser.run("return !document.querySelector('#camera-switch').disabled"), "the devices"
    )


def enter(browser: Browser, link: str, name: str) -> None:
    browser.open(link)
    until_devices(browser)
    join(browser, name)


def join(browser: Browser, name: str) -> None:
    browser.fill("#name", name)
    browser.press("#join")
    browser.until_says(f"{name} (you)", "#tiles")


@contextmanager
def people(url: str, count: int, films: Sequence[Path] = ()) -> Iterator[list[Browser]]:
    """Open so many browsers, each with a camera and a microphone; the camera may be a film."""
    flags = [(f"--use-file-for-fake-video-capture={film}",) for film in films] or [()] * count
    with ExitStack() as stack:
        yield [stack.enter_context(opened(url, *ALLOWED, *own)) for own in flags]


def until_seen(browser: Browser, name: str) -> None:
    """Wait until that person's picture is no black one, and moves."""

    def moves() -> bool:
        seen = {shown: rest for shown, *rest in browser.run(_SEEN)}
        light, changed = seen.get(name, (0, 0))
        return bool(light > 30 and changed > 5)

    browser.until(moves, f"{name} moving")


def meet(pair: Sequence[Browser], link: str, names: Sequence[str]) -> None:
    """Have two people join, and see and hear each other."""
    for browser, name in zip(pair, names, strict=True):
        enter(browser, link, name)
    for browser, other in zip(pair, reversed(names), strict=True):
        until_seen(browser, other)
        browser.until_says("2 people", "header")
        browser.until(partial(browser.run, _HEARS_ONE), f"the sound of {other}")


def told(pair: Sequence[Browser], text: str) -> None:
    for browser in pair:
        browser.until_says(text, "#notice")


def told_nothing(pair: Sequence[Browser]) -> None:
    for browser in pair:
        browser.until(partial(browser.run, _NO_NOTICE), "no notice")


def complaints(browser: Browser) -> list[str]:
    """Return what the browser found wrong, but for what LiveKit's client says of connections that come and go."""
    said = browser.complaints()
    return [one for one in said if "livekit-client.js" not in one or "Content Security Policy" in one]
