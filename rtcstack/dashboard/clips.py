"""Clips of all recordings, and one of them to play."""

from typing import Any

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.errors import NotFound
from rtcstack.services.clips.delete import ClipDelete
from rtcstack.services.clips.query import ClipQuery
from rtcstack.services.pictures import Pictures
from rtcstack.services.recording_search import RecordingSearch

_PAGE = 30


@get("/clips")
async def show_clips(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    clip_query: NamedDependency[ClipQuery],
    pictures: NamedDependency[Pictures],
    recording_search: NamedDependency[RecordingSearch],
) -> Response[str]:
    """With `part=list`, only the list."""
    before = asked(request, "before")
    found, next_page = await clip_query.page(viewer.tenant_id, before=before or None, limit=_PAGE)
    return page(
        "clips_list.html" if asked(request, "part") == "list" else "clips.html",
        viewer,
        request=request,
        links=await pictures.sites(viewer.tenant_id),
        clips=found,
        stills=await pictures.of_clips(found),
        rooms=await recording_search.rooms_of(viewer.tenant_id, found),
        before=before,
        next_page=next_page,
    )


@get("/clips/{clip_id:str}")
async def show_clip(
    request: AnyRequest,
    clip_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    clip_query: NamedDependency[ClipQuery],
    recording_search: NamedDependency[RecordingSearch],
) -> Response[str]:
    """With `part=now`, without a link."""
    clip = await clip_query.get(viewer.tenant_id, clip_id)
    room = await recording_search.room_of(clip)
    if asked(request, "part") == "now":
        return page("clip_now.html", viewer, clip=clip, room=room)
    url = await clip_query.download_url(clip)
    return page("clip.html", viewer, request=request, links=(url,), clip=clip, room=room, url=url)


def _there(url: str | None) -> str:
    """Raises `NotFound`."""
    if url is None:
        raise NotFound("There is no file of this clip that can be read.")
    return url


@get("/clips/{clip_id:str}/link")
async def show_clip_link(
    clip_id: FromPath[str], viewer: NamedDependency[Viewer], clip_query: NamedDependency[ClipQuery]
) -> Response[str]:
    """Return a link to play it, for a player whose own has expired. Raises `NotFound`."""
    clip = await clip_query.get(viewer.tenant_id, clip_id)
    url = await clip_query.download_url(clip, renews_since_ms=viewer.session.created_at_ms)
    return Response(_there(url), media_type=MediaType.TEXT)


@get("/clips/{clip_id:str}/download")
async def download_clip(
    clip_id: FromPath[str], viewer: NamedDependency[Viewer], clip_query: NamedDependency[ClipQuery]
) -> Response[Any]:
    """Raises `NotFound`."""
    clip = await clip_query.get(viewer.tenant_id, clip_id)
    return Redirect(_there(await clip_query.download_url(clip, attachment=True)), status_code=303)


@post("/clips/{clip_id:str}/delete", status_code=200)
async def delete_clip(
    request: AnyRequest,
    clip_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    clip_delete: NamedDependency[ClipDelete],
) -> Response[Any]:
    await clip_delete.delete(viewer.tenant_id, clip_id)
    is_its_own = request.headers.get("hx-current-url", "").endswith(clip_id)
    return done(request, "The clip was deleted.", to="/clips", leaves=is_its_own)


CLIP_PAGES = (show_clips, show_clip, show_clip_link, download_clip, delete_clip)
