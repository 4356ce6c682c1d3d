"""Who is asking: an API key in the `Authorization` header."""

from typing import Any

from litestar import Request
from litestar.di import Provide
from litestar.types import HTTPScope

from rtcstack import log
from rtcstack.api.limits import CallLimits
from rtcstack.api.request_id import current_request_id, ids_in_path
from rtcstack.domain.api_key import Principal, Scope
from rtcstack.domain.audit import Actor
from rtcstack.errors import Forbidden
from rtcstack.services.access import Access
from rtcstack.services.audit import acting

_READING = frozenset({"GET", "HEAD"})


def authorization(scope: HTTPScope) -> str | None:
    """Return the first such header, as `request.headers` would after reading all of them."""
    return next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None
    )


def principal_provider(access: Access, limits: CallLimits) -> Provide:
    """Return the provider of `principal`: reading wants scope `read`, everything else `write`.

    From then on it is known to the audit log who acts in this call.
    """

    async def principal(request: Request[Any, Any, Any]) -> Principal:
        who = await access.principal(authorization(request.scope))
        limits.take_key(who.key_id)
        client = request.scope["client"]
        log.note(tenant=who.tenant_id, **ids_in_path(request))
        acting.set(Actor("key", who.key_id, client[0] if client else None, current_request_id()))
        needed = Scope.READ if request.method in _READING else Scope.WRITE
        if not who.may(needed):
            raise Forbidden(
                f"This key has scope {who.scope}; the call needs {needed}.", code="scope_required"
            )
        return who

    return Provide(principal)
