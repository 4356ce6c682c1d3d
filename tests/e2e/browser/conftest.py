"""An admin in the system's Chromium, signed in."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.browser.browser import Browser, opened
from tests.support.appliance import Appliance


def new_password(appliance: Appliance, user: str = "admin") -> str:
    """Give the user a new password, which ends all that user's sessions."""
    made = appliance.command("admin", "password", "--user", user, "--json")
    assert made.returncode == 0, made.stderr
    return str(json.loads(made.stdout)["password"])


@pytest.fixture(scope="module")
def browser(appliance: Appliance) -> Iterator[Browser]:
    """Return one for all tests of a file: leave it signed in."""
    password = new_password(appliance)
    with opened(appliance.url) as browser:
        browser.open("/recordings")
        browser.fill("#password", password)
        browser.press("button.primary")
        browser.until_says("Recordings", "h1")  # the page that was asked for
        yield browser
