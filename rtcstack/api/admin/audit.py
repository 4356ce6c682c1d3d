"""Who did what, for whoever runs the appliance."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from rtcstack.api.admin.schemas import AuditBody
from rtcstack.api.errors import documented
from rtcstack.api.strict import whole_numbers
from rtcstack.domain.api_key import Principal
from rtcstack.domain.audit import Action, AuditFilter
from rtcstack.errors import Forbidden, Invalid
from rtcstack.services.audit_log import AuditLog

_DEFAULT_LIMIT = 20
_LIMIT = QueryParameter(ge=1, description="How many at most; above 100 it is 100.")
_CURSOR = QueryParameter(description="`next_cursor` of the page before.")
_TENANT = QueryParameter(description="Only what was done to this tenant's objects.")
_ACTION = QueryParameter(description="Only entries of this kind.")
_OBJECT = QueryParameter(description="Only what was done to the object of this id.")
_SINCE = QueryParameter(
    schema_extra={"format": "date-time"},
    description="Only what was done at this instant (ISO 8601) or later.",
)


@get(
    "/v1/admin/audit",
    tags=("Admin",),
    summary="List who did what, and when",
    description="Newest first. Wants a key of the operator: `rtcstack keys create --operator`.",
    responses=documented(403),
    before_request=whole_numbers("limit"),
)
async def list_audit(
    principal: NamedDependency[Principal],
    audit_log: NamedDependency[AuditLog],
    tenant: Annotated[str | None, _TENANT] = None,
    action: Annotated[Action | None, _ACTION] = None,
    object_id: Annotated[str | None, _OBJECT] = None,
    since: Annotated[str | None, _SINCE] = None,
    limit: Annotated[int, _LIMIT] = _DEFAULT_LIMIT,
    cursor: Annotated[str | None, _CURSOR] = None,
) -> AuditBody:
    check_operator(principal)
    since_ms = instant_ms(since) if since is not None else None
    which = AuditFilter(tenant, action, since_ms, object_id)
    return AuditBody.from_domain(await audit_log.page(which, cursor=cursor, limit=limit))


def check_operator(principal: Principal) -> None:
    """Raises `Forbidden` for a key that is not the operator's."""
    if not principal.is_operator:
        raise Forbidden(
            "This wants a key of the operator; `rtcstack keys create --operator` makes one.",
            code="operator_required",
        )


def instant_ms(text: str) -> int:
    """Return the instant; one without a zone is in UTC. Raises `Invalid`."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a `+` that was not escaped
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError) as e:
        raise Invalid(
            "since: must be an instant like 2025-04-05T10:31:00Z", code="invalid_request", field="since"
        ) from e
