"""Rooms and halls: which are open, and one of them with who is in it and its recording."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.links import Links
from rtcstack.dashboard.fields import AnyRequest, Fields, asked
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.invite import DEFAULT_TTL_S
from rtcstack.domain.recording import ACTIVE
from rtcstack.domain.recording_list import RecordingFilter
from rtcstack.domain.room import MAX_PARTICIPANTS_LIMIT, Role, Room
from rtcstack.domain.room_list import RoomCursor
from rtcstack.errors import Invalid, NotFound, Upstream
from rtcstack.services.composite import LAYOUTS, CompositeOptions
from rtcstack.services.halls import Halls
from rtcstack.services.invites import Invites
from rtcstack.services.library.catalog import Catalog
from rtcstack.services.moderation.findings import Findings
from rtcstack.services.overview import Overview
from rtcstack.services.recording_layout import RecordingLayout
from rtcstack.services.recording_pause import RecordingPause
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.rooms import Rooms

_PAGE = 50
_SHOWN = 6
_HALL_PARTICIPANTS = 50
_TTL_S = 6 * 3600
_ROLES: tuple[Role, ...] = ("participant", "host", "viewer")


@get("/rooms")
async def show_rooms(
    request: AnyRequest, viewer: NamedDependency[Viewer], overview: NamedDependency[Overview]
) -> Response[str]:
    """With `part=list`, only the list."""
    text, after = asked(request, "q"), asked(request, "after")
    cursor = RoomCursor.parse(after) if after else None
    found = await overview.rooms(viewer.tenant_id, text=text, cursor=cursor, limit=_PAGE)
    return page(
        "rooms_list.html" if asked(request, "part") == "list" else "rooms.html",
        viewer,
        request=request,
        rooms=found.rooms,
        total=found.total,
        q=text,
        after=after,
        next_page=found.after.text() if found.after else None,
    )


@post("/rooms", status_code=303)
async def make_room(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    rooms: NamedDependency[Rooms],
    halls: NamedDependency[Halls],
) -> Response[Any]:
    most = fields.whole(
        "max_participants", "The number of participants", least=1, most=MAX_PARTICIPANTS_LIMIT
    )
    is_hall = fields.text("kind") == "hall"
    _check_kind(fields, is_hall=is_hall)
    if is_hall:
        hall, _ = await halls.create(
            viewer.tenant_id,
            name=fields.line("name", "A name"),
            max_participants=most or _HALL_PARTICIPANTS,
            record=bool(fields.text("record")),
            moderation=bool(fields.text("moderation")),
            metadata={},
        )
        return done(request, f"The hall {hall.name} is open.", to=f"/rooms/{hall.id}", leaves=True)
    room = await rooms.create(
        viewer.tenant_id,
        room_id=fields.text("room_id") or None,
        name=fields.line("name", "A name") if fields.text("name") else None,
        max_participants=most,
        metadata={},
    )
    return done(request, f"The room {room.name} is open.", to=f"/rooms/{room.id}", leaves=True)


def _check_kind(fields: Fields, *, is_hall: bool) -> None:
    """What was asked for and cannot be is refused, and not left out. Raises `Invalid`."""
    if is_hall and fields.text("room_id"):
        raise Invalid(
            "A hall gets its id from the server: leave the id empty, or open a room.", field="room_id"
        )
    for name, what in (("record", "recorded by itself"), ("moderation", "moderated")):
        if not is_hall and fields.text(name):
            raise Invalid(f"Only a hall can be {what}: open a hall, or leave that box empty.", field=name)


@get("/rooms/{room_id:str}")
async def show_room(
    request: AnyRequest,
    room_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    rooms: NamedDependency[Rooms],
    catalog: NamedDependency[Catalog],
    moderation_findings: NamedDependency[Findings],
    invites: NamedDependency[Invites],
    links: NamedDependency[Links],
) -> Response[str]:
    """With `part=now`, only what changes."""
    room = await rooms.get_any(viewer.tenant_id, room_id)
    active = await catalog.page(viewer.tenant_id, RecordingFilter(room_id, ACTIVE), limit=_SHOWN)
    latest = await catalog.page(viewer.tenant_id, RecordingFilter(room_id), limit=_SHOWN)
    here, why_not = await _participants(rooms, room)
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
        findings=await moderation_findings.list_of_hall(room) if room.moderation else [],
        layouts=LAYOUTS,
        roles=_ROLES,
        invites={} if room.is_closed else await _join_links(invites, links, room),
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


@dataclass(frozen=True)
class RoomActs:
    """What can be done with a room by one button. Each returns what to say of it, and raises what its service raises."""

    rooms: Rooms
    start: RecordingStart
    stop: RecordingStop
    pause: RecordingPause
    layout: RecordingLayout

    async def on_record(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        is_audio_only = bool(fields.text("audio_only"))
        options = CompositeOptions(layout=fields.text("layout") or None, audio_only=is_audio_only)
        await self.start.start_new(tenant_id, room_id, options)
        return "The recording has started."

    async def on_stop(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.stop.stop(tenant_id, room_id)
        return "The recording is being finished."

    async def on_pause(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.pause.pause(tenant_id, room_id)
        return "The recording is paused."

    async def on_resume(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.pause.resume(tenant_id, room_id)
        return "The recording is resumed."

    async def on_layout(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        await self.layout.change(tenant_id, room_id, fields.text("layout"))
        return f"The recording has the layout {fields.text('layout')} from now on."

    async def on_remove(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        await self.rooms.remove_participant(tenant_id, room_id, fields.text("identity"))
        return f"{fields.text('identity')} was removed from the room."

    async def on_close(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.rooms.close(tenant_id, room_id)
        return "The room is closed."


@post("/rooms/{room_id:str}/{act:str}", status_code=200)
async def act_on_room(
    request: AnyRequest,
    room_id: FromPath[str],
    act: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    rooms: NamedDependency[Rooms],
    recording_start: NamedDependency[RecordingStart],
    recording_stop: NamedDependency[RecordingStop],
    recording_pause: NamedDependency[RecordingPause],
    recording_layout: NamedDependency[RecordingLayout],
) -> Response[Any]:
    """Raises `NotFound` for what cannot be done with a room."""
    acts = RoomActs(rooms, recording_start, recording_stop, recording_pause, recording_layout)
    work = getattr(acts, f"on_{act}", None)
    if work is None:
        raise NotFound("There is no such page.")
    return done(request, await work(viewer.tenant_id, room_id, fields), to=f"/rooms/{room_id}")


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


ROOM_PAGES = (show_rooms, make_room, show_room, act_on_room, make_token)
