"""Recordings: the list with its filters."""

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency

from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.recording import UNENDED, RecordingState
from rtcstack.domain.recording_list import Cursor, RecordingFilter
from rtcstack.services.library.catalog import Catalog, Page
from rtcstack.services.pictures import Pictures
from rtcstack.services.recording_search import Found, RecordingSearch

_PAGE = 24
FILTERS: Final = {
    "": ("All", frozenset[RecordingState]()),
    "running": ("Running", frozenset(UNENDED | {RecordingState.QUEUED})),
    "processing": ("Processing", frozenset({RecordingState.PROCESSING})),
    "ready": ("Ready", frozenset({RecordingState.READY})),
    "archived": ("Archived", frozenset({RecordingState.ARCHIVED})),
    "failed": ("Failed", frozenset({RecordingState.FAILED})),
}


@get("/recordings")
async def show_recordings(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    catalog: NamedDependency[Catalog],
    recording_search: NamedDependency[RecordingSearch],
    pictures: NamedDependency[Pictures],
) -> Response[str]:
    """With `part=list`, only the list. A text to search for counts for itself, without the filters."""
    state, room, text, after = (asked(request, name) for name in ("state", "room", "q", "after"))
    state = state if state in FILTERS else ""
    cursor = Cursor.parse(after) if after else None
    if text:
        listed: Page | Found = await recording_search.page(viewer.tenant_id, text, cursor=cursor, limit=_PAGE)
    else:
        which = RecordingFilter(room or None, FILTERS[state][1])
        listed = await catalog.page(viewer.tenant_id, which, limit=_PAGE, cursor=cursor)
    found, follows = listed.recordings, listed.after
    posters = await pictures.posters(found)
    return page(
        "recordings_list.html" if asked(request, "part") == "list" else "recordings.html",
        viewer,
        request=request,
        links=(*posters.values(), *await pictures.sites(viewer.tenant_id)),
        recordings=found,
        posters=posters,
        names=await recording_search.room_names(viewer.tenant_id, found),
        total=None if isinstance(listed, Found) else listed.total,
        filters={name: words for name, (words, _) in FILTERS.items()},
        state=state,
        room=room,
        q=text,
        after=after,
        next_page=follows.text() if follows else None,
    )
