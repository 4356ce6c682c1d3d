"""The two ends of a clip: set by keys, buttons and fields, and dragged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import film
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.stored import film_of, stored
from tests.support.appliance import Appliance

_LENGTH_S = 60
_RANGE = "return ['start', 'end'].map((one) => document.getElementById(one).value)"
_IS_READY = (
    "return document.querySelector('video').readyState > 0 && document.querySelector('.marked').style.right"
)
_DRAWN = "return ['start', 'end'].map((one) => Number(document.getElementById('mark-' + one).value))"
_DRAG = """const slider = document.getElementById(arguments[0]);
slider.value = arguments[1];
slider.dispatchEvent(new Event("input", {bubbles: true}))"""
"""What a browser does while the handle is moved by a pointer."""
pytestmark = [pytest.mark.appliance, pytest.mark.alone]


@pytest.fixture
def page(appliance: Appliance, browser: Browser, tmp_path: Path) -> Iterator[Browser]:
    """Show a recording of a minute."""
    with stored(appliance, "marked", film_of(tmp_path / "film.mp4", _LENGTH_S), _LENGTH_S) as path:
        browser.open(path)
        browser.until(lambda: browser.run(_IS_READY), "the film")
        yield browser
        assert browser.complaints() == []
        browser.open("/clips")  # before the recording is gone


def _marked(page: Browser, start: str, end: str) -> None:
    assert page.run(_RANGE) == [start, end]
    shown = [
        60 * int(minutes) + float(seconds) for minutes, seconds in (at.split(":") for at in (start, end))
    ]
    assert page.run(_DRAWN) == shown, "the line shows what the fields say"


def _press(page: Browser, key: str, seconds: float) -> None:
    film.go_to_moment(page, seconds)
    page.type(key)


def test_a_second_clip_is_marked_by_keys_wherever_the_first_one_was(page: Browser) -> None:
    _press(page, "i", 10)
    _press(page, "o", 20)
    _marked(page, "0:10.0", "0:20.0")
    _press(page, "i", 30)
    _marked(page, "0:30.0", "1:00.0")
    _press(page, "o", 40)
    _marked(page, "0:30.0", "0:40.0")
    _press(page, "o", 15)
    _marked(page, "0:00.0", "0:15.0")
    _press(page, "i", 5)
    _marked(page, "0:05.0", "0:15.0")
    _press(page, "i", 15)
    _marked(page, "0:15.0", "1:00.0")


def test_buttons_and_fields_put_an_end_where_they_say(page: Browser) -> None:
    film.go_to_moment(page, 20)
    page.press("[data-mark=end]")
    film.go_to_moment(page, 30)
    page.press("[data-mark=start]")
    _marked(page, "0:30.0", "1:00.0")
    page.fill("#end", f"0:10{Keys.TAB}")
    _marked(page, "0:00.0", "0:10.0")
    page.fill("#start", f"50{Keys.TAB}")
    _marked(page, "0:50.0", "1:00.0")


def test_a_handle_that_is_dragged_stops_at_the_other_one(page: Browser) -> None:
    _press(page, "i", 10)
    _press(page, "o", 20)
    page.run(_DRAG, "mark-start", 35)
    _marked(page, "0:20.0", "0:20.0")
    page.run(_DRAG, "mark-start", 12)
    page.run(_DRAG, "mark-end", 3)
    _marked(page, "0:12.0", "0:12.0")
    page.run(_DRAG, "mark-end", 18)
    page.go_to("#mark-end")
    page.type(Keys.ARROW_RIGHT)
    _marked(page, "0:12.0", "0:18.1")
