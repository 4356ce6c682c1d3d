"""Signing in and out, and whose objects are looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
_KINDS = frozenset({"rooms", "recordings", "clips", "webhooks", "audit", "settings"})
_SETTINGS = frozenset({"storage", "keys", "tenants", "rules", "password"})


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


@get("/tenant")
async def show_tenant_choice(viewer: NamedDependency[Viewer]) -> Response[str]:
    """Return the piece of the bar with the tenant that is chosen by now, also for a page of another one; empty where there is one alone."""
    return page("tenant.html", viewer)


@post("/tenant", status_code=303)
async def look_at_tenant(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    sessions: NamedDependency[Sessions],
) -> Response[Any]:
    tenant = fields.text("tenant")
    await sessions.look_at(viewer.session, tenant)
    return done(request, f"The pages show {tenant} now.", to=_same_kind(request.headers.get("referer", "")))


def _same_kind(address: str) -> str:
    """Return the page of the same kind that every tenant has: of one recording's, the one of all."""
    _, kind, *of = [*urlsplit(address).path.split("/"), ""]
    if kind == "settings" and of[0] in _SETTINGS:
        return f"/settings/{of[0]}"
    return f"/{kind}" if kind in _KINDS else "/"


SIGN_IN_PAGES = (show_sign_in, sign_in, sign_out, show_tenant_choice, look_at_tenant)
