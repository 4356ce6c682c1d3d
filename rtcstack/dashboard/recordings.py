"""Recordings: the list with its filters, and one of them with all that can be done with it."""

from typing import Any, Final

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from rtcstack.dashboard.fields import AnyRequest, Fields, asked
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.recording import UNENDED, Recording, RecordingState
from rtcstack.domain.recording_list import Cursor, RecordingFilter
from rtcstack.errors import Conflict, Invalid, NotFound, PreviewsNotFound
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.clips.create import ClipCreate
from rtcstack.services.clips.query import ClipQuery
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.catalog import Catalog, Page
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.recover import RecordingRecover
from rtcstack.services.library.retry import RecordingRetry
from rtcstack.services.previews import RecordingPreviews
from rtcstack.services.recording_query import RecordingQuery
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
_ENDED = frozenset({RecordingState.READY, RecordingState.ARCHIVED, RecordingState.FAILED})
"""In each of these there is something else above the facts: a player, or words."""


@get("/recordings")
async def show_recordings(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    catalog: NamedDependency[Catalog],
    recording_search: NamedDependency[RecordingSearch],
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
    posters = await recording_search.posters(found)
    return page(
        "recordings_list.html" if asked(request, "part") == "list" else "recordings.html",
        viewer,
        request=request,
        links=(*posters.values(), *await recording_search.sites(viewer.tenant_id)),
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


async def _playable(query: RecordingQuery, recording: Recording) -> tuple[str | None, str | None]:
    """Return the link to play, or why there is none."""
    try:
        return await query.download_url(recording), None
    except Conflict as e:
        return None, e.message


@get("/recordings/{recording_id:str}")
async def show_recording(
    request: AnyRequest,
    recording_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    catalog: NamedDependency[Catalog],
    recording_query: NamedDependency[RecordingQuery],
    recording_search: NamedDependency[RecordingSearch],
    clip_query: NamedDependency[ClipQuery],
    admin_users: NamedDependency[AdminUsers],
) -> Response[str]:
    """With `part=now`, only what changes: no link is handed out for that."""
    details = await catalog.details(viewer.tenant_id, recording_id)
    recording = details.recording
    shown: dict[str, Any] = {
        "recording": recording,
        "needs": recording.state if recording.state in _ENDED else "none",
        "room": details.room,
        "transfer_error": details.transfer_error,
        "clips": await clip_query.list_of_recording(viewer.tenant_id, recording_id),
        "history": await recording_search.history(recording),
        "admins": await admin_users.names(),
    }
    if asked(request, "part") == "now":
        return page("recording_now.html", viewer, **shown)
    url, why_not = await _playable(recording_query, recording)
    poster = (await recording_search.posters([recording])).get(recording.id)
    links = (url, poster)
    return page(
        "recording.html",
        viewer,
        request=request,
        links=links,
        url=url,
        why_not=why_not,
        poster=poster,
        **shown,
    )


@get("/recordings/{recording_id:str}/link")
async def show_recording_link(
    recording_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    recording_query: NamedDependency[RecordingQuery],
) -> Response[str]:
    """Return a link to play it, for a player whose own has expired. Raises `NotFound`, and `Conflict`."""
    url = await recording_query.download_url(await recording_query.get(viewer.tenant_id, recording_id))
    if url is None:
        raise NotFound("There is no file of this recording.")
    return Response(url, media_type=MediaType.TEXT)


@get("/recordings/{recording_id:str}/storyboard.vtt")
async def show_storyboard(
    recording_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    recording_previews: NamedDependency[RecordingPreviews],
) -> Response[Any]:
    """Return it as WebVTT; 204 while there is none, which is nothing to complain of."""
    try:
        text = await recording_previews.storyboard(viewer.tenant_id, recording_id)
    except (PreviewsNotFound, Conflict):
        return Response(None, status_code=204)
    return Response(text, media_type="text/vtt")


@get("/recordings/{recording_id:str}/download")
async def download_recording(
    recording_id: FromPath[str], viewer: NamedDependency[Viewer], catalog: NamedDependency[Catalog]
) -> Response[Any]:
    found = await catalog.download(viewer.tenant_id, recording_id, attachment=True)
    if found.url is None:
        raise NotFound("There is no file of this recording yet.")
    return Redirect(found.url, status_code=303)


@post("/recordings/{recording_id:str}/{act:str}", status_code=200)
async def act_on_recording(
    request: AnyRequest,
    recording_id: FromPath[str],
    act: FromPath[str],
    viewer: NamedDependency[Viewer],
    recording_archive: NamedDependency[RecordingArchive],
    recording_recover: NamedDependency[RecordingRecover],
    recording_retry: NamedDependency[RecordingRetry],
    recording_delete: NamedDependency[RecordingDelete],
) -> Response[Any]:
    acts = {
        "archive": (
            recording_archive.archive,
            "The recording is archived; its file is moved in the background.",
        ),
        "restore": (recording_archive.restore, "The recording is being brought back."),
        "recover": (recording_recover.recover, "LiveKit and the bucket are asked for the recording."),
        "retry": (recording_retry.retry, "The recording is taken up again."),
        "delete": (recording_delete.delete, "The recording is deleted; its data is retained."),
    }
    if act not in acts:
        raise NotFound("There is no such page.")
    work, sentence = acts[act]
    await work(viewer.tenant_id, recording_id)
    leaves = act == "delete"
    to = "/recordings" if leaves else f"/recordings/{recording_id}"
    return done(request, sentence, to=to, leaves=leaves)


@post("/recordings/{recording_id:str}/clips", status_code=200)
async def make_clip(
    request: AnyRequest,
    recording_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    clip_create: NamedDependency[ClipCreate],
) -> Response[Any]:
    mode = fields.text("mode")
    clip = await clip_create.create(
        viewer.tenant_id,
        recording_id,
        label=fields.text("label"),
        start_s=_seconds(fields, "start"),
        end_s=_seconds(fields, "end"),
        mode="smart" if mode == "smart" else "reencode",
    )
    return done(request, f"The clip “{clip.label}” is being cut.", to=f"/recordings/{recording_id}")


def _seconds(fields: Fields, name: str) -> float:
    """Return what was written as seconds, or as `1:04:05.5`. Raises `Invalid`."""
    parts = fields.text(name).split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= len(("h", "m", "s")):
        raise Invalid(f"The {name} of the clip is a time like 1:04:05.5.", field=name)
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


RECORDING_PAGES = (
    show_recordings,
    show_recording,
    show_recording_link,
    show_storyboard,
    download_recording,
    act_on_recording,
    make_clip,
)
