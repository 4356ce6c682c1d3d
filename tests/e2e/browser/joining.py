"""A browser with cameras that are none, and the way of somebody with a link into a room."""

from typing import Any
from urllib.parse import urlsplit

from tests.e2e.browser.browser import Browser
from tests.e2e.conftest import Caller

_FAKE = "--use-fake-device-for-media-stream"
_WEBRTC = ("--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns")
"""LiveKit's only address is the loopback one, and nobody resolves names of the form `….local` here."""
ALLOWED = (_FAKE, "--use-fake-ui-for-media-stream", *_WEBRTC)
DENIED = (_FAKE, "--use-fake-ui-for-media-stream=deny", *_WEBRTC)


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
