"""A film in a page, and the same film decoded."""

import io
import itertools
import subprocess
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image
from selenium.webdriver import ActionChains

from tests.e2e.browser.browser import Browser

_WIDTH, _HEIGHT, _RATE = 320, 180, 8000
_FEWEST = 3
"""On a busy machine a browser sends few pictures; how many of them a recorder takes is tried elsewhere."""
_PLAYED = "const film = document.querySelector('video'); return film && film.currentTime > 0.5"
_DECODED = "return document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"
_SEEN = "const film = document.querySelector('video'); return film.readyState >= 2 && !film.seeking"
_BREAK_WHILE_IT_PLAYS = """const film = document.querySelector('video'), asked = window.fetch;
const spoilt = film.src.replace(/X-Amz-Signature=\\w+/, 'X-Amz-Signature=spoilt');
window.fetch = async () => { window.fetch = asked; return new Response(spoilt); };
const playing = () => (window.wentOnAt = film.currentTime);
film.addEventListener('error', () => film.error && film.addEventListener('playing', playing, {once: true}));
film.play();
film.dispatchEvent(new Event('error'))"""
"""What a film tells whose link has expired; the first link that the page gets instead is refused by the store."""
_WENT_ON_AT = "return document.querySelector('video').src.includes('spoilt') ? 0 : window.wentOnAt"
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
    browser.run(_BREAK_WHILE_IT_PLAYS)
    assert browser.until(lambda: browser.run(_WENT_ON_AT), "the film by another link") >= 1
    browser.complaints()  # that the store refused


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


def _are_green(picture: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> bool:
    """Whether each half of it is for the most part the green picture of Chromium's camera."""
    rows = picture[len(picture) * 2 // 5 : len(picture) * 3 // 5]
    halves = np.array_split(rows, 2, axis=1)
    greens = ((half[..., 1] > half[..., 0] + 40) & (half[..., 1] > half[..., 2] + 40) for half in halves)
    return all(green.mean() > 0.5 for green in greens)


def both_are_seen(browser: Browser) -> None:
    """Wait until the player shows two people side by side, as somebody before the screen sees it."""

    def are_seen() -> bool:
        png = browser.find("video").screenshot_as_png
        return _are_green(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int16))

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


def both_are_in_it(file: Path) -> None:
    """It shows two people side by side, each of whom moves; and there is a sound."""
    every = ("-vf", "select=not(mod(n\\,15))", "-fps_mode", "passthrough")  # none of them stands for two
    raw = _decoded(file, *every, "-s", f"{_WIDTH}x{_HEIGHT}", "-f", "rawvideo", "-pix_fmt", "rgb24")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, _HEIGHT, _WIDTH, 3).astype(np.int16)
    both = frames[[_are_green(frame) for frame in frames]]
    assert len(both) > _FEWEST, f"both are in {len(both)} of {len(frames)} pictures"
    for half in np.array_split(both, 2, axis=2):
        assert (
            max((np.abs(one - before) > 40).any(axis=2).mean() for before, one in itertools.pairwise(half))
            > 0.002
        )
    sound = np.frombuffer(_decoded(file, "-f", "s16le", "-ac", "1", "-ar", str(_RATE)), np.int16)
    assert np.abs(sound.astype(np.int32)).max() > 500
