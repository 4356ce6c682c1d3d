"""Whether database, LiveKit, workers, buckets and spool say the same, for whoever runs the appliance."""

from litestar import get, post
from litestar.di import NamedDependency

from rtcstack.api.admin.audit import check_operator
from rtcstack.api.admin.reconcile_schemas import ReconcileBody
from rtcstack.api.errors import documented
from rtcstack.domain.api_key import Principal
from rtcstack.services.reconcile.reconciler import Reconciler

_PATIENCE_S = 25.0
_WORDS = "Wants a key of the operator: `rtcstack keys create --operator`."


@get(
    "/v1/admin/reconcile",
    tags=("Admin",),
    summary="Show what does not agree, and what was mended",
    description=f"The checks look every minute by themselves. {_WORDS}",
    responses=documented(403),
)
async def get_reconcile(
    principal: NamedDependency[Principal], reconciler: NamedDependency[Reconciler]
) -> ReconcileBody:
    check_operator(principal)
    return ReconcileBody.from_domain(await reconciler.report())


@post(
    "/v1/admin/reconcile",
    status_code=200,
    tags=("Admin",),
    summary="Look now",
    description=f"Answers once every check has looked, or after 25 s: `is_running` tells which still do. {_WORDS}",
    responses=documented(403),
)
async def run_reconcile(
    principal: NamedDependency[Principal], reconciler: NamedDependency[Reconciler]
) -> ReconcileBody:
    check_operator(principal)
    return ReconcileBody.from_domain(await reconciler.run_now(_PATIENCE_S))
