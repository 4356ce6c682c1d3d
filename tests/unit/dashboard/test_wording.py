"""What pages say of numbers, of what somebody may do, and of what a button is about to do."""

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest

from rtcstack.dashboard.keys import _SCOPES
from rtcstack.dashboard.room import _ROLES
from rtcstack.domain.api_key import Scope
from rtcstack.domain.event import DeliveryReport
from rtcstack.domain.plan import Plan
from rtcstack.domain.recording import RecordingState
from rtcstack.domain.room import Room
from rtcstack.domain.webhook import Endpoint
from rtcstack.ports.fleet import WorkerCapacity
from rtcstack.services.capacity import Answer
from rtcstack.services.composite import LAYOUTS
from rtcstack.services.library.catalog import Page
from rtcstack.services.overview import Now, Stored
from tests.unit.dashboard.rendering import facts, recording, render

_PLAN = Plan("self-hosted", None, None, None, moderation=True)
_AT_MS = 1_713_693_600_000


def _plain(html: str) -> str:
    """Return what is to be read, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def _overview(**totals: int) -> str:
    shown = {"now": Now([], [], {}, 0, 0), "stored": Stored(totals, 5, _PLAN), "active": 0, "unended": 0}
    return _plain(render("overview_now.html", **shown))


def test_one_recording_is_not_several() -> None:
    assert "1 recording, 5 B" in _overview(ready=1)
    assert "1 failed recording " in _overview(failed=1)
    several = _overview(ready=1, failed=2)
    assert "3 recordings, 5 B" in several
    assert "2 failed recordings" in several


def _health(more: int, *, can_record: bool = True) -> str:
    worker = WorkerCapacity(1, more, can_record, "", 2.0, 0.4, 0.1, 5, 5)
    known: dict[str, Any] = {"parts": [], "disks": [], "full": None, "is_tight": False, "backup_age": ""}
    database = SimpleNamespace(failure=None, size_bytes=1, wal_bytes=1, backup_at_ms=None)
    waiting = SimpleNamespace(queues=[], uploads_waiting=0, endpoints={}, checks_failing=0, disagreements=0)
    answer = Answer(can_record, more, 1, "", (worker,))
    shown = render("overview_health.html", capacity=answer, database=database, waiting=waiting, **known)
    return _plain(shown.partition("Queues")[0])


def test_the_capacity_as_a_whole_and_that_of_its_worker_say_the_same() -> None:
    room = _health(2)
    assert room.startswith("Capacity Can record Another")
    assert "room for 2 more ·" in room
    assert room.endswith("Has room")
    busy = _health(0)
    assert busy.startswith("Capacity Can record, with fewer pictures Another")
    assert "no room for more with all their pictures ·" in busy
    assert busy.endswith("Busy")
    full = _health(0, can_record=False)
    assert full.startswith("Capacity Cannot record")
    assert "no room for more ·" in full
    assert full.endswith("Full")


@pytest.mark.parametrize(
    ("known", "word", "does"),
    [
        ({}, "Pause", "pause"),
        ({"paused_at_ms": 1}, "Resume", "enable"),
        ({"disabled_at_ms": 1}, "Enable", "enable"),
    ],
)
def test_the_one_button_of_an_endpoint_says_what_it_does(known: dict[str, int], word: str, does: str) -> None:
    endpoint = Endpoint("whe_1", "default", "https://a.example/", (), "sealed", 1, **known)
    shown = render("webhook_now.html", endpoint=endpoint)
    [button] = re.findall(r"<button id=\"pause\"[^>]*>(\w+)<", shown)
    assert button == word
    assert f'action="/webhooks/whe_1/{does}"' in shown


def test_the_one_button_that_pauses_a_recording_resumes_it_too() -> None:
    for state, word in ((RecordingState.RECORDING, "Pause"), (RecordingState.PAUSED, "Resume")):
        assert re.findall(r"<button id=\"pause-rec_1\"[^>]*>(\w+)<", facts(recording(state))) == [word]


def _delivery(sent_at_ms: int | None) -> str:
    one = DeliveryReport(
        "evt_1", "room_started", None, "{}", _AT_MS, "pending", 1, _AT_MS, sent_at_ms, *[None] * 5
    )
    shown = {"endpoint": SimpleNamespace(id="whe_1"), "state": "", "cursor": "", "next_page": None}
    html = render("webhook_list.html", deliveries=[(one, {}, "{}")], is_sending=False, **shown)
    return _plain(html.partition("<summary")[2].partition("</summary>")[0])


def test_a_delivery_says_when_it_was_last_sent_beside_when_the_event_was() -> None:
    assert _delivery(None).endswith("1 try · 2024-04-21 10:00:00 UTC")
    again = _delivery(_AT_MS + 3_600_000)
    assert again.endswith("1 try · 2024-04-21 10:00:00 UTC, last sent 2024-04-21 11:00:00 UTC")


def test_every_scope_says_what_a_key_of_it_may_do() -> None:
    assert set(_SCOPES) == set(Scope)
    shown = render("settings_keys.html", keys=[], made=None, scopes=_SCOPES)
    for scope, may in _SCOPES.items():
        assert f"<dt>{scope}</dt><dd>{may}</dd>" in shown


def _room(**known: Any) -> str:
    shown: dict[str, Any] = {"here": [], "why_not": None, "findings": [], "there": set(), "is_part": False}
    shown |= {"invites": dict.fromkeys(_ROLES, "http://a/join/~b"), "invites_days": 7, "roles": _ROLES}
    room = Room("default", "standup", "Standup", 1, **known)
    latest = Page([], 0, 6, None)
    return render("room.html", room=room, active=[], latest=latest, layouts=LAYOUTS, **shown)


def test_each_link_to_a_room_says_what_whoever_has_it_may_do() -> None:
    shown = _plain(_room())
    for role, may in _ROLES.items():
        assert f"Link for a {role} {may}" in shown


def test_each_shape_of_a_layout_is_told() -> None:
    [hint] = re.findall(r"</select>\s*<p class=\"hint\">(.*?)</p>", _room())
    for shape in {layout.removesuffix("-light").removesuffix("-dark") for layout in LAYOUTS}:
        assert re.search(rf"(?<![\w-]){shape}\b", hint), shape


def test_a_hall_that_is_recorded_is_so_from_its_opening_on() -> None:
    assert "Hall, recorded from its opening on" in _plain(_room(kind="hall", record=True))
    assert "Record it from its opening on" in _plain(
        render("rooms.html", rooms=[], total=0, q="", after="", next_page=None)
    )


def test_whoever_deletes_a_recording_is_told_what_becomes_of_it() -> None:
    [asked] = re.findall(r"hx-confirm=\"(Delete this recording[^\"]*)\"", facts(recording()))
    assert "They disappear from all lists. Their files are kept; Settings, Rules" in asked


def test_how_a_bucket_is_addressed_is_told_by_the_name_that_stores_have_for_it() -> None:
    shared = SimpleNamespace(
        bucket="b", endpoint="e", region="r", provider="p", cold_bucket="c", is_used=True
    )
    given = {"current": None, "given": None, "fault": None, "wrong": ""}
    assert "(path-style; MinIO and most others)" in render("settings_storage.html", shared=shared, **given)
