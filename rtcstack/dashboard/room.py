"""One room: who is in it, what is recorded of it, and how somebody is let in."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.links import Links
from rtcstack.dashboard.fields import AnyRequest, Fields, asked
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.invite import DEFAULT_TTL_S
from rtcstack.domain.recording import ACTIVE
from rtcstack.domain.recording_list import RecordingFilter
from rtcstack.domain.room import Role, Room
from rtcstack.errors import NotFound, Upstream
from rtcstack.services.composite import LAYOUTS
from rtcstack.services.invites import Invites
from rtcstack.services.library.catalog import Catalog
from rtcstack.services.moderation.findings import Findings
from rtcstack.services.recording_search import RecordingSearch
from rtcstack.services.rooms import Rooms

_SHOWN = 6
_TTL_S = 6 * 3600
_ROLES: Final[dict[Role, str]] = {
    "participant": "sends camera, sound and screen, and sees and hears everybody",
    "host": "like a participant, and may mute and remove others by LiveKit's own API",
    "viewer": "only watches and listens",
}


@get("/rooms/{room_id:str}")
async def show_room(
    request: AnyRequest,
    room_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    rooms: NamedDependency[Rooms],
    catalog: NamedDependency[Catalog],
    moderation_findings: NamedDependency[Findings],
    recording_search: NamedDependency[RecordingSearch],
    invites: NamedDependency[Invites],
    links: NamedDependency[Links],
) -> Response[str]:
    """With `part=now`, only what changes."""
    room = await rooms.get_any(viewer.tenant_id, room_id)
    active = await catalog.page(viewer.tenant_id, RecordingFilter(room_id, ACTIVE), limit=_SHOWN)
    latest = await catalog.page(viewer.tenant_id, RecordingFilter(room_id), limit=_SHOWN)
    here, why_not = await _participants(rooms, room)
    findings = await moderation_findings.list_of_hall(room) if room.moderation else []
    is_part = asked(request, "part") == "now"
    return page(
        "room_now.html" if is_part else "room.html",
        viewer,
        request=request,
        is_part=is_part,
        room=room,
        here=here,
        why_not=why_not,
        active=active.recordings,
        latest=latest,
        findings=findings,
        there=await recording_search.there(
            viewer.tenant_id, {one.recording_id for one in findings if one.recording_id}
        ),
        layouts=LAYOUTS,
        roles=_ROLES,
        invites={} if room.is_closed or is_part else await _join_links(invites, links, room),
        invites_days=DEFAULT_TTL_S // (24 * 3600),
    )


async def _join_links(invites: Invites, links: Links, room: Room) -> dict[Role, str]:
    """Return a link for each role, by which people join in the browser."""
    made = {role: await invites.make(room.tenant_id, room.id, role, DEFAULT_TTL_S) for role in _ROLES}
    return {role: links.join(link) for role, (link, _) in made.items()}


async def _participants(rooms: Rooms, room: Room) -> tuple[Any, str | None]:
    """Return who is in the room, and why that is not known."""
    if room.is_closed:
        return [], None
    try:
        return await rooms.participants(room.tenant_id, room.id), None
    except (Upstream, NotFound) as e:
        return [], e.message


@post("/rooms/{room_id:str}/token", status_code=200)
async def make_token(
    room_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    rooms: NamedDependency[Rooms],
    links: NamedDependency[Links],
) -> Response[str]:
    identity, role = fields.line("identity", "An identity"), fields.text("role")
    token, expires_at_ms = await rooms.token(
        viewer.tenant_id,
        room_id,
        identity=identity,
        name=identity,
        role="host" if role == "host" else "viewer" if role == "viewer" else "participant",
        ttl_s=_TTL_S,
    )
    return page(
        "room_token.html",
        viewer,
        room_id=room_id,
        identity=identity,
        token=token,
        url=links.livekit_url,
        expires_at_ms=expires_at_ms,
    )


ROOM_PAGES = (show_room, make_token)
