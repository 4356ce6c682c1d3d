"""Takes the pictures of docs/dashboard-pictures.md: every page of an appliance of its own, light and dark, wide and narrow."""

import asyncio
import io
import tempfile
from collections import Counter
from pathlib import Path

from PIL import Image

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.conftest import new_password
from tests.e2e.browser.looks import NARROW, WIDE
from tests.e2e.browser.scene import scene
from tests.support.appliance import Appliance
from tests.support.environment import free_environment

_FOLDER = Path(__file__).parents[3] / "docs" / "images" / "dashboard"
_PAGES = {
    "sign-in": "/sign-in",
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
_COLOURS, _FLAT = 96, 48
_TALLEST = 1000
_SHOW = """for (const details of [...document.querySelectorAll("#list details")].slice(0, 1)) details.open = true;
const film = document.querySelector("video"); if (film) { film.muted = true; film.currentTime = 4 }"""
_SHOWN = """const film = document.querySelector("video");
return (!film || film.readyState >= 2 && !film.seeking)
  && [...document.images].every((one) => one.loading === "lazy" || one.complete)"""


def _palette(picture: Image.Image) -> Image.Image:
    """Return one in which the colours of text and grounds are exact, and those of films are what is left."""
    pixels = iter(picture.tobytes())
    counted = Counter(zip(pixels, pixels, pixels, strict=True))
    most = [colour for colour, _ in counted.most_common(_FLAT)]
    others = picture.quantize(_COLOURS - _FLAT, dither=Image.Dither.NONE).getpalette() or []
    made = Image.new("P", (1, 1))
    made.putpalette([*(level for colour in most for level in colour), *others])
    return made


def _take(browser: Browser, name: str) -> None:
    for width, size in ((WIDE, "wide"), (NARROW, "narrow")):
        for is_dark in (False, True):
            browser.look(width=width, is_dark=is_dark)
            height = min(_TALLEST, browser.run("return document.documentElement.scrollHeight"))
            browser.look(width=width, is_dark=is_dark, height=height)
            browser.until(lambda: browser.run(_SHOWN), f"the pictures of {name}")
            picture = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("RGB")
            small = picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE)
            file = _FOLDER / f"{name}-{size}-{'dark' if is_dark else 'light'}.png"
            small.save(file, optimize=True)
    browser.look(width=WIDE, is_dark=False)


def _take_all(browser: Browser, password: str, ids: dict[str, str]) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    browser.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    for name, path in _PAGES.items():
        browser.open(path.format(**ids))
        browser.until_still()
        browser.run(_SHOW)
        _take(browser, name)
        if name == "sign-in":
            browser.fill("#password", password)
            browser.press("button.primary")
            browser.until_says("Overview", "h1")


async def _pictures(appliance: Appliance) -> None:
    password = await asyncio.to_thread(new_password, appliance)
    async with scene(appliance) as made:
        with opened(appliance.url) as browser:
            await asyncio.to_thread(_take_all, browser, password, made.ids)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rtcstack-pictures-") as folder:
        appliance = Appliance(Path(folder) / "data", free_environment())
        try:
            appliance.start()
            asyncio.run(_pictures(appliance))
        finally:
            appliance.remove()


if __name__ == "__main__":
    main()
