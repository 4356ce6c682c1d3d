"""Rooms and halls: which are open, and how another one is opened."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from rtcstack.dashboard.fields import AnyRequest, Fields, asked
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.room import MAX_PARTICIPANTS_LIMIT
from rtcstack.domain.room_list import RoomCursor
from rtcstack.errors import Invalid
from rtcstack.services.halls import Halls
from rtcstack.services.overview import Overview
from rtcstack.services.rooms import Rooms

_PAGE = 50
_HALL_PARTICIPANTS = 50


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


ROOMS_PAGES = (show_rooms, make_room)
