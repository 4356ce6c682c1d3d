"""What the pages are made of."""

import re
from pathlib import Path
from typing import get_args

import pytest

from rtcstack.dashboard import words
from rtcstack.dashboard.fields import Fields
from rtcstack.dashboard.pages import _TEMPLATES, _origins
from rtcstack.dashboard.recording_acts import _seconds
from rtcstack.dashboard.sign_in import _local
from rtcstack.domain.audit import Action
from rtcstack.domain.job import JobKind
from rtcstack.domain.recording import RecordingState
from rtcstack.errors import Invalid
from rtcstack.ports.livekit import TrackSource

_FOLDER = Path(__file__).parents[3] / "rtcstack" / "dashboard"


def test_every_state_and_every_deed_has_a_word() -> None:
    assert set(words.STATES) == set(RecordingState)
    assert set(words.DEEDS) == set(Action)
    assert len(set(words.DEEDS.values())) == len(Action)
    assert set(words.QUEUES) >= set(JobKind)
    assert set(words.SOURCES) == set(get_args(TrackSource))


@pytest.mark.parametrize(
    ("action", "object_id", "path"),
    [
        ("recording.stop", "rec_1", "/recordings/rec_1"),
        ("recording.link", "room a", "/rooms/room%20a"),
        ("reconcile.repair", "rec_1", "/recordings/rec_1"),
        ("clip.create", "clip_1", "/clips/clip_1"),
        ("clip.create", "clip_2", None),
        ("recording.link", "rec_2", None),
        ("room.close", "never-made", None),
        ("storage.delete", "sto_1", "/settings/storage"),
        ("key.revoke", "abc", "/settings/keys"),
        ("admin.sign_in", "adm_1", None),
    ],
)
def test_an_entry_leads_to_what_it_is_about_and_is_still_there(
    action: str, object_id: str, path: str | None
) -> None:
    there = {"rec_1", "clip_1", "room a"}
    assert words.object_page(action, object_id, there) == path
    assert words.is_deleted(object_id, there) == (object_id in {"clip_2", "rec_2"})


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb"])
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert _local(path) == "/"
    assert _local("/recordings?state=failed") == "/recordings?state=failed"


@pytest.mark.parametrize(("text", "seconds"), [("4", 4.0), ("1:02.5", 62.5), ("1:00:00", 3600.0)])
def test_a_time_of_a_clip_is_written_as_it_is_shown(text: str, seconds: float) -> None:
    assert _seconds(Fields({"start": text}), "start") == seconds


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "1:", "--1"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        _seconds(Fields({"start": text}), "start")


def test_a_number_is_held_to_its_bounds() -> None:
    assert Fields({}).whole("n", "It", least=1, most=9) is None
    assert Fields({"n": " 9 "}).whole("n", "It", least=1, most=9) == 9
    for wrong in ("0", "10", "-1", "1.5", "1e1", "٣"):
        with pytest.raises(Invalid):
            Fields({"n": wrong}).whole("n", "It", least=1, most=9)


def test_a_policy_names_each_site_once_and_no_path() -> None:
    links = ["http://s3.example:9000/a?b", None, "http://s3.example:9000/c", "https://r2.example/d"]
    assert _origins(links) == " http://s3.example:9000 https://r2.example"


def test_every_template_can_be_read() -> None:
    for name in _TEMPLATES.list_templates():
        _TEMPLATES.get_template(name)


def test_nothing_stands_in_a_page_that_its_policy_forbids() -> None:
    for file in (_FOLDER / "templates").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|hx-on|hx-vals='js", text
        ), file


def test_whatever_has_the_focus_in_a_live_piece_is_known_by_its_id() -> None:
    """A piece that is shown anew gets the focus back by id only (htmx)."""
    pieces = [*_FOLDER.glob("templates/*_now.html"), *_FOLDER.glob("templates/*_rows.html")]
    for file in [*pieces, *_FOLDER.glob("templates/*_list.html"), _FOLDER / "templates" / "audit.html"]:
        live = file.read_text(encoding="utf-8").partition("lives(here")[-1 if file.stem == "audit" else 0]
        reached = re.findall(r"<(?:a|button|summary|input|select)\b[^>]*|<[^>]*tabindex=\"0\"[^>]*", live)
        assert reached, file
        for one in reached:
            assert ' id="' in one or 'tabindex="-1"' in one or 'type="hidden"' in one, (file.name, one)


def test_nothing_is_asked_for_elsewhere() -> None:
    files = [*(_FOLDER / "templates").glob("*.html"), *(_FOLDER / "static").glob("*.*")]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"(src|href|url)[=(]\s*[\"']?(https?:)?//", text), file


def test_every_form_that_changes_something_carries_its_proof() -> None:
    for file in (_FOLDER / "templates").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        for form in re.findall(r"<form method=\"post\".*?</form>", text, re.DOTALL):
            assert "csrf" in form or 'action="/sign-in"' in form, file
