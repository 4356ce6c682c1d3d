"""`/metrics`: the figures of the whole appliance, for Prometheus (docs/operations/metrics.md)."""

from ipaddress import ip_address
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from rtcstack.api.auth import authorization
from rtcstack.api.limits import CallLimits
from rtcstack.domain.api_key import Scope
from rtcstack.errors import Forbidden
from rtcstack.metrics.exposition import expose
from rtcstack.services.access import Access
from rtcstack.services.measures import Measures

_FORWARDED = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)


class Door:
    """Lets this machine in without a key, unless a proxy may stand between: then loopback may be anybody."""

    def __init__(self, access: Access, limits: CallLimits, *, is_behind_proxy: bool) -> None:
        self._access, self._limits, self._is_behind_proxy = access, limits, is_behind_proxy

    async def check(self, request: Request[Any, Any, Any]) -> None:
        """Raises `Unauthenticated`, or `Forbidden` for a key that is good for something else."""
        has_key = authorization(request.scope) is not None
        if not has_key and not self._is_behind_proxy and _is_local(request):
            return
        who = await self._access.principal(authorization(request.scope))
        self._limits.take_key(who.key_id)
        if not who.may(Scope.METRICS) and not who.is_operator:
            raise Forbidden(
                f"This key has scope {who.scope}; /metrics needs {Scope.METRICS}.", code="scope_required"
            )


def _is_local(request: Request[Any, Any, Any]) -> bool:
    """Whether the call was made on this machine to an address of this machine, and handed on by nobody who says so.

    A proxy that says nothing asks for the name that it was asked for, or is told of in `api.public_url`.
    """
    client = request.client
    if client is None or not _is_loopback(client.host):
        return False
    if any(name in _FORWARDED for name in request.headers):
        return False
    return _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@get("/metrics", include_in_schema=False)
async def get_metrics(
    request: Request[Any, Any, Any],
    metrics_door: NamedDependency[Door],
    measures: NamedDependency[Measures],
) -> Response[bytes]:
    await metrics_door.check(request)
    page, content_type = expose(await measures.read(), request.headers.get("accept", ""))
    return Response(page, headers={"content-type": content_type})
