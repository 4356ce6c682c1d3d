"""Pieces of pages, made without a server."""

from typing import Any

from rtcstack.dashboard.pages import _TEMPLATES
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.admin_user import Session
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.services.composite import LAYOUTS
from rtcstack.services.library.catalog import Page
from rtcstack.services.recording_search import History

VIEWER = Viewer(Session("hash", "adm_1", "admin", "default", 1, 1), "0" * 64, ["default"])


def recording(state: RecordingState = RecordingState.READY, **known: Any) -> Recording:
    return Recording("rec_1", "default", "standup", state, "b", "standup/x.mp4", 1_713_693_600_000, **known)


def render(template: str, **shown: Any) -> str:
    return _TEMPLATES.get_template(template).render(viewer=VIEWER, said="", **shown)


def facts(one: Recording) -> str:
    """Return what stands on the page of a recording below its film."""
    given: dict[str, Any] = {"clips": [], "stills": {}, "people": {}, "bucket": None, "transfer_error": None}
    given |= {"room": {"id": one.room_id, "name": "Standup"}, "history": History([], 0, None)}
    return render("recording_now.html", recording=one, needs="none", kept="kept", **given)


def shelf(one: Recording) -> str:
    """Return the list of recordings with one."""
    place = dict.fromkeys(("q", "after", "next_page", "room", "state"), "")
    return render("recordings_list.html", recordings=[one], posters={}, names={}, total=1, **place)


def room(*active: Recording) -> str:
    """Return the page of an open room with nobody in it."""
    made = Room("default", "standup", "Standup", 1)
    known: dict[str, Any] = {"here": [], "why_not": None, "findings": [], "there": set()}
    known |= {"invites": {}, "roles": [], "is_part": False}
    latest = Page([], 0, 6, None)
    return render("room.html", room=made, active=active, latest=latest, layouts=LAYOUTS, **known)
