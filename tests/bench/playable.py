"""How soon a person sees a recording: from the API's `ready` to the first picture in the system's Chromium.

And what a browser that was never here loads for the first page (Resource Timing, `transferSize`).
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack, ExitStack
from typing import Any

from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.bench.figures import Figure, of
from tests.e2e.browser.browser import Browser, opened
from tests.support.appliance import Appliance

_TIMES = 5
_SECONDS = 5
_AT_ONCE_MS = 1000
_FIRST_LOAD_KB = 200
_WAIT_S = 60
_NOTE = """for (const name of ["loadeddata", "canplay"])
  document.addEventListener(name, () => { window[`at_${name}`] ??= Date.now() }, true);"""
_PLAYABLE = (
    "return window.at_loadeddata && window.at_canplay ? [window.at_loadeddata, window.at_canplay] : null"
)
_LOADED = """return [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map((one) => [new URL(one.name).pathname, one.transferSize])"""


def _sign_in(browser: Browser, appliance: Appliance) -> None:
    made = appliance.command("admin", "password", "--json")
    browser.open("/")
    browser.fill("#password", json.loads(made.stdout)["password"])
    browser.press("button.primary")
    browser.until_says("Overview", "h1")


def _first_load_kb(browser: Browser) -> tuple[float, str]:
    """Return what the page took that comes after signing in, with an empty cache."""
    browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.open("/")
    browser.until_still()
    loaded: list[tuple[str, int]] = browser.run(_LOADED)
    told = ", ".join(f"{path.rpartition('/')[2] or '/'} {size / 1000:.1f}" for path, size in loaded if size)
    return sum(size for _, size in loaded) / 1000, told


def _ready_at_ms(appliance: Appliance, recording_id: str) -> float:
    """Return when a caller of the API saw it."""
    ends = time.monotonic() + _WAIT_S
    while time.monotonic() < ends:
        _, body = appliance.call("GET", f"/v1/recordings/{recording_id}")
        if body["status"] == "complete":
            return time.time() * 1000
        time.sleep(0.02)
    raise AssertionError(f"{recording_id} did not become ready: {body}")


def _playable_at_ms(browser: Browser) -> tuple[float, float]:
    """Return when the first picture was there, and when the browser could play."""
    found: Any = browser.until(lambda: browser.run(_PLAYABLE), "the film")
    return float(found[0]), float(found[1])


async def _record(appliance: Appliance, room: str, stack: AsyncExitStack) -> str:
    for index in range(2):
        _, made = await asyncio.to_thread(
            appliance.call, "POST", f"/v1/rooms/{room}/tokens", {"identity": f"person-{index}"}
        )
        await stack.enter_async_context(Participant(made["url"], made["token"], index, Media()))
    _, begun = await asyncio.to_thread(appliance.call, "POST", f"/v1/rooms/{room}/recording/start", {})
    _, listed = await asyncio.to_thread(appliance.call, "GET", f"/v1/rooms/{room}/recordings")
    await asyncio.sleep(_SECONDS)
    assert listed[0]["egressId"] == begun["egressId"]
    return str(listed[0]["recordingId"])


async def _once(appliance: Appliance, browser: Browser, number: int) -> tuple[float, float]:
    """Return how long it took in the page that was open all the time, and in one that is opened afterwards, in ms."""
    async with AsyncExitStack() as stack:
        recording_id = await _record(appliance, f"playable-{number}", stack)
        await asyncio.to_thread(browser.open, f"/recordings/{recording_id}")
        ready = asyncio.create_task(asyncio.to_thread(_ready_at_ms, appliance, recording_id))
        await asyncio.to_thread(browser.press, "#now form[action$='/stop'] button")
        ready_at_ms = await ready
    waited = max(await asyncio.to_thread(_playable_at_ms, browser)) - ready_at_ms
    opened_at_ms = time.time() * 1000
    await asyncio.to_thread(browser.open, f"/recordings/{recording_id}")
    return waited, max(await asyncio.to_thread(_playable_at_ms, browser)) - opened_at_ms


async def measure(appliance: Appliance) -> list[Figure]:
    with ExitStack() as stack:
        browser = await asyncio.to_thread(stack.enter_context, opened(appliance.url))
        await asyncio.to_thread(_sign_in, browser, appliance)
        kb, told = await asyncio.to_thread(_first_load_kb, browser)
        note = {"source": _NOTE}
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", note)
        took = [await _once(appliance, browser, number) for number in range(_TIMES)]
    waited, anew = zip(*took, strict=True)
    return [
        Figure("dashboard: first load", kb, "kB", _FIRST_LOAD_KB, told),
        of("dashboard: from `ready` to playable, page open all the time", waited, "ms", target=_AT_ONCE_MS),
        of("dashboard: from opening a ready recording to playable", anew, "ms", target=_AT_ONCE_MS),
    ]
