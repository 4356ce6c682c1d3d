"""Takes the pictures of the documentation: every page of an appliance of its own, light and dark, wide and narrow."""

import argparse
import asyncio
import io
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from PIL import Image

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.conftest import new_password
from tests.e2e.browser.join_pictures import join_pictures
from tests.e2e.browser.scene import Scene, scene
from tests.e2e.browser.shots import Camera, small
from tests.support.appliance import Appliance
from tests.support.environment import free_environment

_IMAGES = Path(__file__).parents[3] / "docs" / "images"
_PAGES = {
    "overview": "/",
    "rooms": "/rooms",
    "room": "/rooms/design",
    "recordings": "/recordings",
    "recording": "/recordings/{ready}",
    "failed": "/recordings/{failed}",
    "archived": "/recordings/{archived}",
    "clips": "/clips",
    "clip": "/clips/{clip}",
    "webhooks": "/webhooks",
    "deliveries": "/webhooks/{broken}",
    "storage": "/settings/storage",
    "keys": "/settings/keys",
    "tenants": "/settings/tenants",
    "rules": "/settings/rules",
    "password": "/settings/password",
    "audit": "/audit?all=1",
}
_OPENED = "for (const one of [...document.querySelectorAll('#list details')].slice(0, 1)) one.open = true; return true"
_MARKED = """const write = (id, text) => {
  const field = document.getElementById(id);
  field.value = text;
  field.dispatchEvent(new Event("change"));
};
write("start", "0:02.5"); write("end", "0:06.0"); write("label", "Who takes it on");
const line = document.querySelector(".timeline"), box = line.getBoundingClientRect();
line.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + box.width * 0.6}));
return document.querySelector(".preview .picture").style.backgroundImage !== "" """
_FRAME_S = 3.2
_PARTS = ("dashboard", "forms", "join")


def _sign_in(camera: Camera, password: str) -> None:
    camera.take("sign-in", "/sign-in")
    camera.browser.fill("#password", password)
    camera.browser.press("button.primary")
    camera.browser.until_says("Overview", "h1")


def _forms(camera: Camera) -> None:
    """Take what is shown once."""
    browser = camera.browser
    browser.open("/rooms/planning-room")
    browser.fill("#identity", "recording-bot")
    browser.press("form[action$='/token'] button")
    browser.until_says("recording-bot")
    camera.take("token")
    browser.open("/settings/keys")
    browser.press("form[action='/settings/keys'] button")
    browser.until_says("shown this once")
    camera.take("key-made")
    browser.open("/webhooks")
    browser.fill("#url", "https://hooks.example.org/recordings")
    browser.press(".stack button.primary")
    browser.until_says("shown this once")
    camera.take("secret")


def _refused_storage(camera: Camera, endpoint: str) -> None:
    browser = camera.browser
    browser.open("/settings/storage")
    wrong = {"bucket": "team-recordings", "endpoint": endpoint, "access-key-id": "AKIA5EXAMPLE"}
    for name, text in {**wrong, "secret-access-key": "a-wrong-secret"}.items():
        browser.fill(f"#{name}", text)
    browser.press("form.stack button.primary")
    browser.find(".fault")
    camera.take("storage-refused")


def _frame(browser: Browser, recording: str) -> None:
    """Save a frame of the recording itself."""
    browser.open(f"/recordings/{recording}")
    address = str(browser.run("return document.querySelector('video').src"))
    with urllib.request.urlopen(address, timeout=60) as answer, tempfile.NamedTemporaryFile() as film:
        film.write(answer.read())
        film.flush()
        argv = f"ffmpeg -v error -ss {_FRAME_S} -i {film.name} -frames:v 1 -f image2pipe -c:v png -".split()
        png = subprocess.run(argv, capture_output=True, check=True).stdout
    picture = Image.open(io.BytesIO(png))
    small(picture, [[0, 0, *picture.size]]).save(_IMAGES / "recording.png", optimize=True)


def _dashboard(browser: Browser, made: Scene, password: str) -> None:
    camera = Camera(browser, _IMAGES / "dashboard")
    _sign_in(camera, password)
    for name, path in _PAGES.items():
        camera.take(name, path.format(**made.ids), prepared=_OPENED)
    camera.take("marking", "/recordings/{ready}".format(**made.ids), prepared=_MARKED)
    _frame(browser, made.ids["ready"])


async def _once(appliance: Appliance, browser: Browser, password: str) -> None:
    """Take what is shown once, and a refusal: nobody has to be in a room for that."""
    made = {"roomId": "planning-room", "name": "Planning"}
    assert (await asyncio.to_thread(appliance.call, "POST", "/v1/rooms", made))[0] == 201
    camera = Camera(browser, _IMAGES / "dashboard")
    await asyncio.to_thread(_sign_in, camera, password)
    await asyncio.to_thread(_forms, camera)
    await asyncio.to_thread(_refused_storage, camera, appliance.settings.storage.url)


async def _pictures(appliance: Appliance, folder: Path, parts: set[str]) -> None:
    if "dashboard" in parts:
        password = await asyncio.to_thread(new_password, appliance)
        async with scene(appliance) as made:
            with opened(appliance.url) as browser:
                await asyncio.to_thread(_dashboard, browser, made, password)
    if "forms" in parts:
        password = await asyncio.to_thread(new_password, appliance)
        with opened(appliance.url) as browser:
            await _once(appliance, browser, password)
    if "join" in parts:
        await join_pictures(Scene(appliance), folder, _IMAGES / "join")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=_PARTS, default=_PARTS, help="all, unless some are named")
    parts = set(parser.parse_args().parts)
    with tempfile.TemporaryDirectory(prefix="rtcstack-pictures-") as folder:
        appliance = Appliance(Path(folder) / "data", free_environment())
        try:
            appliance.start()
            asyncio.run(_pictures(appliance, Path(folder), parts))
        finally:
            appliance.remove()


if __name__ == "__main__":
    main()
