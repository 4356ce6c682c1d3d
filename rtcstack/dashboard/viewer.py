"""Who looks at the pages: the session in a cookie, and proof that a change was asked for by a page of ours."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from rtcstack import log
from rtcstack.api.request_id import current_request_id, ids_in_path
from rtcstack.dashboard.fields import SAFE, AnyRequest, Fields
from rtcstack.domain.admin_user import LONGEST_MS, Session, csrf_token
from rtcstack.domain.audit import Actor
from rtcstack.errors import Forbidden, Unauthenticated
from rtcstack.services.access import Access
from rtcstack.services.audit import acting
from rtcstack.services.sessions import Sessions

COOKIE = "rtcstack_session"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
TENANT_FIELD, TENANT_HEADER = "of_tenant", "x-tenant"


@dataclass(frozen=True)
class Viewer:
    """`tenants` are those that can be looked at; `csrf` stands in every form of this session."""

    session: Session
    csrf: str
    tenants: Sequence[str]

    @property
    def tenant_id(self) -> str:
        return self.session.tenant_id

    @property
    def name(self) -> str:
        return self.session.user_name


async def viewer(
    request: AnyRequest,
    fields: NamedDependency[Fields],
    sessions: NamedDependency[Sessions],
    access: NamedDependency[Access],
) -> Viewer:
    """Return who is signed in; from then on it is known to the audit log who acts.

    Raises:
        Unauthenticated: `signed_out`.
        Forbidden: `stale_form`, a change without the session's own proof; `other_tenant`, the page was made when another
            tenant was looked at.
    """
    token = request.cookies.get(COOKIE, "")
    session = await sessions.find(token, prolongs=not _is_by_itself(request)) if token else None
    if session is None:
        raise Unauthenticated("Sign in first.", code="signed_out")
    proof = csrf_token(token)
    if request.method not in SAFE:
        given = request.headers.get(CSRF_HEADER) or fields.text(CSRF_FIELD)
        if not hmac.compare_digest(given.encode(), proof.encode()):
            raise Forbidden("This page is from an earlier session. Load it again.", code="stale_form")
    _check_tenant(session, request.headers.get(TENANT_HEADER) or fields.text(TENANT_FIELD))
    client = request.scope["client"]
    log.note(tenant=session.tenant_id, **ids_in_path(request))
    acting.set(Actor("admin", session.user_id, client[0] if client else None, current_request_id()))
    tenants = [tenant.id for tenant in await access.list_tenants()]
    return Viewer(session, proof, tenants)


def _is_by_itself(request: AnyRequest) -> bool:
    """Say whether the page asks, and nobody at it: to listen, to show anew what has changed, to have a film go on."""
    path = request.url.path
    is_films = path.startswith(("/recordings/", "/clips/")) and path.endswith("/link")
    return request.method in SAFE and ("hx-request" in request.headers or path == "/live" or is_films)


def _check_tenant(session: Session, of_tenant: str) -> None:
    """The tenant is chosen for all pages of a session; one that is open from before shows and would change another's."""
    if of_tenant not in {"", session.tenant_id}:
        raise Forbidden(
            f"This page shows {of_tenant}, but {session.tenant_id} was chosen since, on another page. Load this one again, or "
            f"choose {of_tenant} again.",
            code="other_tenant",
        )


async def from_here_only(request: AnyRequest) -> None:
    """Refuse a change that a page of another site asks for, signed in or not. Raises `Forbidden`."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if site not in {None, "same-origin", "none"} or (site is None and not is_ours):
        raise Forbidden("Another site's page asked for this.", code="cross_site")


def session_cookie(token: str, *, is_secure: bool) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure,
        max_age=LONGEST_MS // 1000,
    )
