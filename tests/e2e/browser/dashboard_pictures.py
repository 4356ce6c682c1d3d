"""Takes the pictures of docs/dashboard-pictures.md: every page, what is shown once, and a refusal."""

import asyncio
import io
import subprocess
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from tests.e2e.browser.browser import opened
from tests.e2e.browser.conftest import new_password
from tests.e2e.browser.scene import Scene, today, week
from tests.e2e.browser.shots import Camera, small
from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket

_QUIET = {
    "failed": "/recordings/{failed}",
    "archived": "/recordings/{archived}",
    "recording": "/recordings/{ready}",
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
_LIVELY = {"rooms": "/rooms", "room": "/rooms/design", "recordings": "/recordings"}
"""Pages that show who is in a room, and what is being recorded."""
_MENDED = {"overview": "/"}
"""The same, when nothing is left of the recording that failed."""
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
_FRAME_S = 4.2


def _sign_in(camera: Camera, password: str) -> None:
    browser = camera.browser
    browser.open("/sign-in")
    camera.take("sign-in")
    browser.fill("#password", password)
    browser.press("button.primary")
    browser.until_says("Overview", "h1")


def _take(camera: Camera, pages: Mapping[str, str], ids: Mapping[str, str]) -> None:
    for name, path in pages.items():
        camera.take(name, path.format(**ids), prepared=_OPENED)


def _save_frame(address: str, file: Path) -> None:
    """Save a frame of the recording itself."""
    argv = f"ffmpeg -v error -ss {_FRAME_S} -i {address} -frames:v 1 -f image2pipe -c:v png -".split()
    png = subprocess.run(argv, capture_output=True, check=True).stdout
    picture = Image.open(io.BytesIO(png))
    small(picture, [[0, 0, *picture.size]]).save(file, optimize=True)


async def dashboard_pictures(appliance: Appliance, images: Path) -> None:
    """Take whatever shows a week's work; a frame of a recording as well."""
    password = await asyncio.to_thread(new_password, appliance)
    async with week(appliance) as made:
        [filmed] = await made.call("GET", "/v1/rooms/weekly-review/recordings")
        await asyncio.to_thread(_save_frame, filmed["downloadUrl"], images / "recording.png")
        with opened(appliance.url) as browser, Camera(browser, images / "dashboard") as camera:
            await asyncio.to_thread(_sign_in, camera, password)
            await asyncio.to_thread(_take, camera, _QUIET, made.ids)
            marking = "/recordings/{ready}".format(**made.ids)
            await asyncio.to_thread(camera.take, "marking", marking, prepared=_MARKED)
            async with today(made):
                await asyncio.to_thread(_take, camera, _LIVELY, made.ids)
                await made.mend()
                await asyncio.to_thread(_take, camera, _MENDED, made.ids)


def _forms(camera: Camera) -> None:
    """Take what is shown once."""
    browser = camera.browser
    browser.open("/rooms/planning-room")
    browser.fill("#identity", "recording-bot")
    browser.press("form[action$='/token'] button")
    browser.until_says("recording-bot")
    camera.take("token")
    browser.open("/settings/keys")
    browser.fill("#key-name", "The website")
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


async def _beside(scene: Scene) -> dict[str, str]:
    """Make what a week does not have, and return the pages that show it."""
    hall = await scene.call(
        "POST", "/v1/halls", {"name": "Lecture hall", "max_participants": 50, "record": False}
    )
    await scene.call("POST", "/v1/rooms", {"roomId": "kick-off", "name": "Kick-off"})
    await scene.call("DELETE", "/v1/rooms/kick-off")
    appliance = scene.appliance
    own = await asyncio.to_thread(make_own_bucket, appliance.settings.storage, "team-bucket")
    await scene.call("PUT", "/v1/settings/storage", own.body())
    for tenant in ("north", "south"):
        await asyncio.to_thread(appliance.command, "tenants", "create", tenant)
    return {
        "hall": f"/rooms/{hall['hall_id']}",
        "closed": "/rooms/kick-off",
        "own-storage": "/settings/storage",
        "several-tenants": "/settings/tenants",
        "parts": "/parts",
        "not-found": "/recordings/rec_that-is-not-there",
    }


async def form_pictures(appliance: Appliance, images: Path) -> None:
    """Take what is shown once, a refusal, and what a week does not have: nobody has to be in a room for that."""
    password = await asyncio.to_thread(new_password, appliance)
    scene = Scene(appliance)
    await scene.call("POST", "/v1/rooms", {"roomId": "planning-room", "name": "Planning"})
    with opened(appliance.url) as browser, Camera(browser, images / "dashboard") as camera:
        await asyncio.to_thread(_sign_in, camera, password)
        await asyncio.to_thread(_forms, camera)
        await asyncio.to_thread(_refused_storage, camera, appliance.settings.storage.url)
        await asyncio.to_thread(_take, camera, await _beside(scene), {})
