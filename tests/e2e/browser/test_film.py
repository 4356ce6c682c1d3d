"""A film that is damaged in its middle: what the player says of it, and what can still be seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import film
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.stored import film_of, stored
from tests.support.appliance import Appliance

_LENGTH_S = 20
_DAMAGED = (0.45, 0.55)
"""As shares of the file."""
_COUNT_LINKS = """const asked = window.fetch;
window.links = 0;
window.fetch = (what, ...how) => { window.links += String(what).endsWith('/link'); return asked(what, ...how); }"""
_PLAY_FROM = """const film = document.querySelector('video');
film.muted = true; film.currentTime = arguments[0]; film.play()"""
_AT = "return document.querySelector('video').currentTime"
_WORDS = "cannot be played on from 0:"
pytestmark = [pytest.mark.appliance, pytest.mark.alone]


def _damaged(file: Path) -> Path:
    """Make a film whose file has nothing but zeros in its middle."""
    content = bytearray(film_of(file, _LENGTH_S).read_bytes())
    first, last = (int(share * len(content)) for share in _DAMAGED)
    content[first:last] = bytes(last - first)
    file.write_bytes(content)
    return file


@pytest.fixture
def damaged(appliance: Appliance, tmp_path: Path) -> Iterator[str]:
    """Return the path of the page of such a recording, of which nothing is left."""
    with stored(appliance, "damaged", _damaged(tmp_path / "film.mp4"), _LENGTH_S) as path:
        yield path


def _is_past(browser: Browser, seconds: float) -> bool:
    return float(browser.run(_AT)) > seconds


def test_a_damaged_film_is_given_up_in_words_and_its_other_places_are_played(
    browser: Browser, damaged: str
) -> None:
    browser.open(damaged)
    browser.until_still()
    browser.run(_COUNT_LINKS)
    browser.run(_PLAY_FROM, 7)
    browser.until_says(_WORDS, "#film-damage")
    assert not browser.find("#film-fault").is_displayed(), "it is not said that it is tried again"
    browser.until(lambda: browser.run(f"{_AT} === 0"), "the film at its beginning")
    assert browser.run("return document.querySelector('video').paused")
    assert browser.run("return window.links") == 1, "the link may have been what was wrong, once"

    browser.run(_PLAY_FROM, 15)
    browser.until(lambda: _is_past(browser, 15.5), "the film at a later place")
    film.outlive_the_link(browser)
    browser.run(_PLAY_FROM, 15)
    browser.until(lambda: _is_past(browser, 15.5), "the later place by the new link")
    assert browser.run("return document.querySelector('video').error") is None
    assert browser.complaints() == []
