"""Signing in and out, and whose objects are looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from rtcstack.api.limits import CallLimits
from rtcstack.api.request_id import current_request_id
from rtcstack.dashboard.fields import AnyRequest, Fields, asked
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import COOKIE, Viewer, session_cookie
from rtcstack.domain.audit import Actor
from rtcstack.errors import RateLimited, Unauthenticated
from rtcstack.services.audit import acting
from rtcstack.services.sessions import Sessions

_MAX_NAME = 100


@dataclass(frozen=True)
class Door:
    """`is_secure`: whether the cookie may travel over TLS only."""

    limits: CallLimits
    is_secure: bool

    @contextmanager
    def trying(self, address: str) -> Iterator[None]:
        """Count a look at a password from there, unless it is right. Raises `RateLimited`, and what the look raises."""
        self.limits.take_sign_in(address)
        try:
            yield
        except RateLimited:  # it was not looked at
            self.limits.give_sign_in_back(address)
            raise
        self.limits.give_sign_in_back(address)


def _local(path: str) -> str:
    """Return a page of ours, whatever an address asked for."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


@get("/sign-in")
async def show_sign_in(request: AnyRequest) -> Response[str]:
    return page("sign_in.html", None, request=request, next=_local(asked(request, "next")))


@post("/sign-in", status_code=303)
async def sign_in(
    request: AnyRequest,
    fields: NamedDependency[Fields],
    door: NamedDependency[Door],
    sessions: NamedDependency[Sessions],
) -> Response[Any]:
    """Raises `RateLimited`."""
    client = request.scope["client"]
    address = client[0] if client else ""
    acting.set(Actor("admin", None, address, current_request_id()))
    to = _local(fields.text("next"))
    try:
        with door.trying(address):
            token = await sessions.sign_in(fields.text("name")[:_MAX_NAME], fields.secret("password"))
    except Unauthenticated as e:
        return page("sign_in.html", None, status=401, next=to, fault=e.message, name=fields.text("name"))
    made = Redirect(to, status_code=303)
    made.set_cookie(session_cookie(token, is_secure=door.is_secure))
    return made


@post("/sign-out", status_code=303)
async def sign_out(viewer: NamedDependency[Viewer], sessions: NamedDependency[Sessions]) -> Response[Any]:
    await sessions.sign_out(viewer.session)
    made = Redirect("/sign-in", status_code=303)
    made.delete_cookie(COOKIE)
    return made


@post("/tenant", status_code=303)
async def look_at_tenant(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    sessions: NamedDependency[Sessions],
) -> Response[Any]:
    tenant = fields.text("tenant")
    await sessions.look_at(viewer.session, tenant)
    return done(request, f"The pages show {tenant} now.", to="/")
