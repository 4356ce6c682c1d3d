"""A film in a page, and the same film decoded."""

import io
import itertools
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from selenium.webdriver import ActionChains

from tests.e2e.browser import cameras
from tests.e2e.browser.browser import Browser
from tests.e2e.browser.cameras import Picture

_WIDTH, _HEIGHT, _RATE = 320, 180, 8000
_SIDES = ((6 / 1280, 634 / 1280), (646 / 1280, 1274 / 1280))
"""From where to where the tiles of two people reach, as shares of the width."""
_FEWEST = 3
"""So many of somebody's pictures there are. On a busy machine a browser sends few."""
_PLAYED = "const film = document.querySelector('video'); return film && film.currentTime > 0.5"
_DECODED = "return document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"
_SEEN = "const film = document.querySelector('video'); return film.readyState >= 2 && !film.seeking"
_BREAK_WHILE_IT_PLAYS = """const film = document.querySelector('video'), asked = window.fetch;
const spoilt = film.src.replace(/X-Amz-Signature=\\w+/, 'X-Amz-Signature=spoilt');
window.fetch = async () => { window.fetch = asked; return new Response(spoilt); };
const playing = () => (window.wentOnAt = film.currentTime);
const fault = document.getElementById('film-fault');
film.addEventListener('error', () => {
  if (!film.error) return;
  window.wasSaid = !fault.hidden;
  film.addEventListener('playing', playing, {once: true});
});
film.play();
film.dispatchEvent(new Event('error'))"""
"""What a film tells whose link has expired; the first link that the page gets instead is refused by the store."""
_WENT_ON_AT = "return document.querySelector('video').src.includes('spoilt') ? 0 : window.wentOnAt"
_SAID = "return [window.wasSaid, !document.getElementById('film-fault').hidden]"
_PICTURE = """const at = document.querySelector('.preview .picture');
return at.checkVisibility() && at.style.backgroundImage.includes('.storyboard-')"""


def play(browser: Browser) -> None:
    """Let it play until its time has gone on and pictures were decoded."""
    browser.run("document.querySelector('video').muted = true; document.querySelector('video').play()")
    browser.until(lambda: browser.run(_PLAYED), "the film playing")
    browser.until(lambda: browser.run(_DECODED) > 1, "decoded pictures")


def outlive_the_link(browser: Browser) -> None:
    """A link that does not work any more is replaced, at the second try as well, and the film goes on where it was."""
    go_to_moment(browser, 1)
    with browser.complaining_of("Signature=spoilt"):
        browser.run(_BREAK_WHILE_IT_PLAYS)
        assert browser.until(lambda: browser.run(_WENT_ON_AT), "the film by another link") >= 1
    assert browser.run(_SAID) == [True, False], "that it cannot be played, only while it could not"


def go_to_moment(browser: Browser, seconds: float) -> None:
    browser.run(
        "const film = document.querySelector('video'); film.pause(); film.currentTime = arguments[0]", seconds
    )
    browser.until(lambda: browser.run(_SEEN), f"the picture at {seconds} s")


def see_storyboard(browser: Browser) -> None:
    """Move along the line until the storyboard is made and shows the moment."""

    def is_shown() -> bool:
        for x in (-100, 100):
            line = browser.find(".timeline")
            ActionChains(browser.driver).move_to_element_with_offset(line, x, 0).perform()
        return bool(browser.run(_PICTURE))

    browser.until(is_shown, "a picture of the storyboard")


def _tiles(picture: Picture) -> list[Picture]:
    """Return the tiles of two people side by side, as the recorder places them."""
    height, width, _ = picture.shape
    rows = slice(height // 4, height * 3 // 4)
    return [picture[rows, round(left * width) : round(right * width)] for left, right in _SIDES]


def _who(picture: Picture) -> list[str | None]:
    return [cameras.colour_of(tile) for tile in _tiles(picture)]


def both_are_seen(browser: Browser) -> None:
    """Wait until the player shows two people side by side, as somebody before the screen sees it."""

    def are_seen() -> bool:
        png = browser.find("video").screenshot_as_png
        shown = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int16)
        return {*_who(shown)} == {*cameras.COLOURS}

    browser.until(are_seen, "both people in the player")


def fetch(browser: Browser, file: Path) -> Path:
    """Save the film that the page plays, from the store."""
    address = str(browser.run("return document.querySelector('video').src"))
    with urllib.request.urlopen(address, timeout=60) as answer:
        file.write_bytes(answer.read())
    return file


def _decoded(file: Path, *words: str) -> bytes:
    argv = ["ffmpeg", "-v", "error", "-i", str(file), *words, "-"]
    return subprocess.run(argv, capture_output=True, check=True).stdout


def _pictures(file: Path) -> Iterator[Picture]:
    every = ("-vf", "select=not(mod(n\\,10))", "-fps_mode", "passthrough")  # none of them stands for two
    raw = _decoded(file, *every, "-s", f"{_WIDTH}x{_HEIGHT}", "-f", "rawvideo", "-pix_fmt", "rgb24")
    for picture in np.frombuffer(raw, np.uint8).reshape(-1, _HEIGHT, _WIDTH, 3):
        yield picture.astype(np.int16)


def both_are_in_it(file: Path) -> None:
    """From the first picture that shows both people to the last, both are there, each at one place, and each goes on in
    time; and there is a sound. Somebody whose pictures do not come for two seconds has a placeholder, in a tenth of them at most.
    """
    every = [*_pictures(file)]
    seen = [_who(picture) for picture in every]
    first = next(n for n, who in enumerate(seen) if {*who} == {*cameras.COLOURS})
    whole = [who for who in seen[first:] if who == seen[first]]
    assert len(whole) >= 0.9 * len(seen[first:]), seen
    assert all(
        is_at in {None, place} for who in seen[first:] for is_at, place in zip(who, seen[first], strict=True)
    )
    for side in range(2):
        _goes_on([cameras.number_of(_tiles(picture)[side]) for picture in every[first:]])
    sound = np.frombuffer(_decoded(file, "-f", "s16le", "-ac", "1", "-ar", str(_RATE)), np.int16)
    assert np.abs(sound.astype(np.int32)).max() > 500


def _goes_on(numbers: list[int | None]) -> None:
    """Fail unless later pictures come later; the camera may have come to its end, once, and begun again."""
    read = [number for number in numbers if number is not None]
    assert len(read) > len(numbers) / 2, numbers
    assert len({*read}) >= _FEWEST, numbers
    assert sum(later < one for one, later in itertools.pairwise(read)) <= 1, numbers
