"""The page behind a link, what it asks while it is open, and its files."""

import math
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from rtcstack.api.errors import status_of
from rtcstack.api.limits import CallLimits
from rtcstack.api.links import Links
from rtcstack.domain.room import Role
from rtcstack.errors import LinkInvalid, RateLimited, RoomNotFound, RtcError
from rtcstack.join.assets import join_file
from rtcstack.join.pages import headers_of, page
from rtcstack.services.invites import Invites, Meeting, Taken
from rtcstack.settings import Settings

AnyRequest = Request[Any, Any, Any]
_TITLES = {
    "link_expired": "Too late",
    "link_invalid": "This link does not work",
    "room_not_found": "There is no open room here",
    "rate_limited": "Too many tries",
}


class EnterRequest(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class EnterBody(msgspec.Struct):
    token: str
    url: str
    identity: str
    name: str


class StateBody(msgspec.Struct):
    name: str
    role: Role
    recording: Taken


@dataclass(frozen=True)
class Gate:
    """Looks at links, at guesses only for whoever has not made too many wrong ones, and knows the headers of pages."""

    limits: CallLimits
    frame_ancestors: tuple[str, ...]

    def headers(self, links: Links) -> dict[str, str]:
        return headers_of(links.livekit_url, self.frame_ancestors)

    async def look(self, request: AnyRequest, invites: Invites, link: str, identity: str = "") -> Meeting:
        """Return where it leads; `identity` is whom somebody inside was admitted as.

        A link that was made here is no guess, also when its room is closed: a whole office may be waiting in front of it.

        Raises `RateLimited`, and what `Invites.look` raises.
        """
        if invites.has_signed(link):
            return await invites.look_from_inside(link, identity)
        client = request.scope["client"]
        address = client[0] if client else ""
        self.limits.check_link(address)
        try:
            return await invites.look(link)
        except (LinkInvalid, RoomNotFound):
            self.limits.count_wrong_link(address)
            raise


@get("/join/{link:str}")
async def show_page(
    request: AnyRequest,
    link: FromPath[str],
    invites: NamedDependency[Invites],
    links: NamedDependency[Links],
    gate: NamedDependency[Gate],
) -> Response[str]:
    headers = gate.headers(links)
    try:
        meeting = await gate.look(request, invites, link)
    except RtcError as e:
        return _refused(e, headers)
    asked = str(request.query_params.get("name", ""))
    return page("join.html", headers, meeting=meeting, link=link, asked=asked)


def _refused(error: RtcError, headers: dict[str, str]) -> Response[str]:
    status = status_of(error)
    if isinstance(error, RateLimited):
        headers["retry-after"] = str(math.ceil(error.retry_after_s))
    title = _TITLES.get(error.word, "That did not work")
    return page("refused.html", headers, status=status, title=title, message=error.message)


@get("/join/{link:str}/state")
async def show_state(
    request: AnyRequest, link: FromPath[str], invites: NamedDependency[Invites], gate: NamedDependency[Gate]
) -> StateBody:
    """Return what changes while somebody is on the page; whoever is in the room says by `identity` who that is."""
    identity = str(request.query_params.get("identity", ""))
    meeting = await gate.look(request, invites, link, identity)
    return StateBody(meeting.name, meeting.role, meeting.recording)


@post("/join/{link:str}/enter", status_code=200)
async def enter(
    request: AnyRequest,
    link: FromPath[str],
    data: JSONBody[EnterRequest],
    invites: NamedDependency[Invites],
    links: NamedDependency[Links],
    gate: NamedDependency[Gate],
) -> EnterBody:
    """Return a join token that works for five minutes."""
    await gate.look(request, invites, link)
    admitted = await invites.admit(link, data.name)
    return EnterBody(admitted.token, links.livekit_url, admitted.identity, admitted.name)


def join_page(settings: Settings, limits: CallLimits) -> Router:
    gate = Gate(limits, settings.join.frame_ancestors)
    return Router(
        path="/",
        route_handlers=[show_page, show_state, enter, join_file],
        dependencies={"gate": Provide(lambda: gate, sync_to_thread=False)},
        include_in_schema=False,
    )
