"""Who is asking: an API key in the `Authorization` header."""

from typing import Any

from litestar import Request
from litestar.di import Provide
from litestar.types import HTTPScope

from rtcstack.domain.api_key import Principal, Scope
from rtcstack.errors import Forbidden
from rtcstack.services.access import Access

_READING = frozenset({"GET", "HEAD"})


def _authorization(scope: HTTPScope) -> str | None:
    """Return the first such header, as `request.headers` would after reading all of them."""
    return next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None
    )


def principal_provider(access: Access) -> Provide:
    """Return the provider of `principal`: reading wants scope `read`, everything else `write`."""

    async def principal(request: Request[Any, Any, Any]) -> Principal:
        who = await access.principal(_authorization(request.scope))
        needed = Scope.READ if request.method in _READING else Scope.WRITE
        if not who.may(needed):
            raise Forbidden(
                f"This key has scope {who.scope}; the call needs {needed}.", code="scope_required"
            )
        return who

    return Provide(principal)
