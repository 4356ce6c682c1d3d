"""The system's Chromium, without a window."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import alert_is_present
from selenium.webdriver.support.ui import WebDriverWait

_T = TypeVar("_T")
_WAIT_S = 60
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
)
_IN_MOTION = (
    NoSuchElementException,
    StaleElementReferenceException,
    ElementNotInteractableException,
)
_MOST_STOPS = 80
_IS_STILL = """return document.readyState === "complete"
    && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .hint[aria-busy=true]")"""
_TO_GET_IT = "sudo apt-get install -y --no-install-recommends chromium chromium-driver"


@dataclass
class Browser:
    driver: Chrome
    url: str

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def find(self, css: str) -> WebElement:
        """Return the first such element, as soon as there is one."""
        return self.until(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, css)), None), css)

    def text(self, css: str = "main") -> str:
        """Return what is to be read there, whatever the page did in between."""
        found = self.driver.execute_script(
            "return document.querySelector(arguments[0])?.innerText ?? ''", css
        )
        return str(found)

    def fill(self, css: str, text: str) -> None:
        def fill() -> bool:
            field = self.find(css)
            field.clear()
            field.send_keys(text)
            return True

        self.until(fill, f"{css} to be filled")

    def press(self, css: str) -> None:
        def press() -> bool:
            self.find(css).click()
            return True

        self.until(press, f"{css} to be pressed")

    def run(self, script: str, *args: Any) -> Any:
        return self.driver.execute_script(script, *args)

    def until(self, come: Callable[[], _T | None], what: str) -> _T:
        """Wait for something to be true, or there. Fails after a minute with what is to be read by then.

        What a live page puts in place of something else in the very moment is looked for anew.
        """
        try:
            found = self._wait().until(lambda _: come() or False)
        except TimeoutException:
            raise AssertionError(f"{what} did not come; there is:\n{self.text('body')}") from None
        assert found
        return found

    def _wait(self) -> "WebDriverWait[Chrome]":
        return WebDriverWait(self.driver, _WAIT_S, 0.1, _IN_MOTION)

    def until_says(self, text: str, css: str = "main") -> None:
        self.until(lambda: text in self.text(css), f"“{text}” in {css}")

    def until_still(self) -> None:
        """Wait until the page and its parts have come."""
        self.until(lambda: self.run(_IS_STILL), "the page")

    def type(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def go_to(self, css: str, *, key: str = Keys.TAB) -> None:
        """Move the focus there as somebody without a mouse does."""
        for _ in range(_MOST_STOPS):
            self.type(key)
            if self.run("return document.activeElement.matches(arguments[0])", css):
                return
        raise AssertionError(f"the keyboard does not reach {css}")

    def agree(self) -> None:
        """Say yes to what the page asks."""
        # Without a look at the page in between: that would answer the question.
        self._wait().until(alert_is_present(), "no question was asked").accept()

    def look(self, *, width: int, is_dark: bool, height: int = 900) -> None:
        """Have the window be so wide, and the person like it dark or light."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def complaints(self) -> list[str]:
        """Return what the browser has found wrong: scripts, policies, files that are not there."""
        told = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # Chromium's own
        return [entry["message"] for entry in told if entry["level"] in {"SEVERE", "WARNING"}]

    @contextmanager
    def complaining_of(self, *texts: str) -> Iterator[None]:
        """Fail with what the browser found wrong before, and in the block with whatever has none of the texts in it."""
        before = self.complaints()
        assert not before, before
        yield
        others = [one for one in self.complaints() if not any(text in one for text in texts)]
        assert not others, others


@contextmanager
def opened(url: str, *flags: str) -> Iterator[Browser]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.fail(f"Chromium is missing. To get it:  {_TO_GET_IT}")
    options = ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=ChromeService(driver))
    try:
        yield Browser(chrome, url)
    finally:
        chrome.quit()
