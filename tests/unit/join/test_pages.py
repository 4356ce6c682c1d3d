"""What the join page is made of."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from rtcstack.join import assets
from rtcstack.join.pages import _TEMPLATES, headers_of, livekit_origins
from rtcstack.settings.join import Join

_FOLDER = Path(__file__).parents[3] / "rtcstack" / "join"
_OWN = [*(_FOLDER / "templates").glob("*.html"), *(_FOLDER / "static").glob("*.*")]


def _policy(ancestors: tuple[str, ...] = ()) -> dict[str, str]:
    text = headers_of("wss://livekit.example.org", ancestors)["content-security-policy"]
    return dict(part.strip().partition(" ")[::2] for part in text.split(";"))


def test_the_page_talks_to_us_and_to_livekit_only() -> None:
    policy = _policy()
    assert policy["connect-src"] == "'self' wss://livekit.example.org https://livekit.example.org"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"


def test_a_frame_is_for_sites_that_are_named() -> None:
    assert _policy(("https://www.example.org",))["frame-ancestors"] == "'self' https://www.example.org"


@pytest.mark.parametrize(
    "site", ["*", "example.org", "https://a.example/path", "https://a b", "https://a;script-src *", "'self'"]
)
def test_what_is_no_site_is_refused(site: str) -> None:
    with pytest.raises(ValidationError):
        Join(frame_ancestors=(site,))


@pytest.mark.parametrize("site", ["https://a.example", "http://localhost:3000", "https://*.example.org:8443"])
def test_a_site_is_an_origin(site: str) -> None:
    assert Join(frame_ancestors=(site,)).frame_ancestors == (site,)


@pytest.mark.parametrize(
    ("url", "origins"),
    [
        ("ws://127.0.0.1:7880", "ws://127.0.0.1:7880 http://127.0.0.1:7880"),
        ("wss://a.example/rtc", "wss://a.example https://a.example"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_an_address_of_livekit_is_named_without_its_path(url: str, origins: str) -> None:
    assert livekit_origins(url) == origins


def test_every_template_can_be_read() -> None:
    for name in _TEMPLATES.list_templates():
        _TEMPLATES.get_template(name)


def test_nothing_stands_in_a_page_that_its_policy_forbids() -> None:
    for file in (_FOLDER / "templates").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text), file


def test_nothing_is_asked_for_elsewhere() -> None:
    assert len(_OWN) > 10
    for file in _OWN:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"(src|href|url|fetch|import)[=( ]\s*[\"'`]?(https?:)?//", text), file


def test_the_library_is_there_with_its_licences() -> None:
    assert assets.FILES.has(assets.CLIENT), "scripts/web gets it"
    licences = (_FOLDER / "static" / "vendor" / "LICENSE").read_text(encoding="utf-8")
    assert "livekit-client/LICENSE" in licences
    assert "webrtc-adapter/LICENSE" in licences
