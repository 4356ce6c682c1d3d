"""Whether everybody can read and use a page: wide and narrow, light and dark."""

from pathlib import Path
from typing import Any

from tests.e2e.browser import axe
from tests.e2e.browser.browser import Browser

WIDE, NARROW = 1280, 375
_LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
_AXE = """const told = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"], iframes: false }).then(
  (found) => told(found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).map(
    (one) => [one.id, one.help, ...one.nodes.map((node) => node.html + " " + node.failureSummary)])),
  (error) => told([String(error)]))"""


def _axe_faults(browser: Browser) -> Any:
    browser.run(axe.script())
    return browser.driver.execute_async_script(_AXE)


def looks_well(browser: Browser, path: str) -> None:
    """Open the page and fail with what is wrong with it."""
    browser.open(path)
    browser.until_still()
    has_no_faults(browser, path)


def has_no_faults(browser: Browser, path: str) -> None:
    """Fail with what is wrong with the page as it stands; axe's `serious` and `critical` count."""
    for width in (WIDE, NARROW):
        for is_dark in (False, True):
            browser.look(width=width, is_dark=is_dark)
            faults = browser.run(_LOOK)
            if is_dark == (
                width == WIDE
            ):  # once in each scheme: what depends on the width as well is in look.js
                faults += _axe_faults(browser)
            assert faults == [], (path, width, "dark" if is_dark else "light", faults)
    browser.look(width=WIDE, is_dark=False)
