"""One recording: its film, its facts, its clips, its history."""

from typing import Any

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.refusals import for_people
from rtcstack.dashboard.rules import Rules, kept_of
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import Conflict, NotFound, PreviewsNotFound
from rtcstack.services.access import Access
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.clips.query import ClipQuery
from rtcstack.services.library.catalog import Catalog
from rtcstack.services.pictures import Pictures
from rtcstack.services.previews import RecordingPreviews
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_search import RecordingSearch

_ENDED = frozenset({RecordingState.READY, RecordingState.ARCHIVED, RecordingState.FAILED})
"""In each of these there is something else above the facts: a player, or words."""


async def _playable(query: RecordingQuery, recording: Recording) -> tuple[str | None, str | None]:
    """Return the link to play, or why there is none."""
    try:
        return await query.download_url(recording), None
    except Conflict as e:
        return None, for_people(e.message)


@get("/recordings/{recording_id:str}")
async def show_recording(
    request: AnyRequest,
    recording_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    catalog: NamedDependency[Catalog],
    recording_query: NamedDependency[RecordingQuery],
    recording_search: NamedDependency[RecordingSearch],
    pictures: NamedDependency[Pictures],
    clip_query: NamedDependency[ClipQuery],
    admin_users: NamedDependency[AdminUsers],
    access: NamedDependency[Access],
    in_force: NamedDependency[Rules],
) -> Response[str]:
    """With `part=now`, only what changes: no link is handed out for that."""
    details = await catalog.details(viewer.tenant_id, recording_id)
    recording = details.recording
    clips = await clip_query.list_of_recording(viewer.tenant_id, recording_id)
    shown: dict[str, Any] = {
        "recording": recording,
        "needs": recording.state if recording.state in _ENDED else "none",
        "room": details.room,
        "bucket": await recording_search.bucket(recording),
        "kept": await kept_of(access, in_force, viewer.tenant_id),
        "transfer_error": details.transfer_error,
        "clips": clips,
        "stills": await pictures.of_clips(clips),
        "history": await recording_search.history(recording),
        "people": {**await admin_users.names(), **await access.key_names()},
    }
    if asked(request, "part") == "now":
        return page("recording_now.html", viewer, **shown)
    url, why_not = await _playable(recording_query, recording)
    poster = (await pictures.posters([recording])).get(recording.id)
    links = (url, poster, *await pictures.sites(viewer.tenant_id))
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
    recording = await recording_query.get(viewer.tenant_id, recording_id)
    url = await recording_query.download_url(recording, renews_since_ms=viewer.session.created_at_ms)
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


RECORDING_PAGES = (show_recording, show_recording_link, show_storyboard, download_recording)
