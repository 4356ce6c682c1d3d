"""Settings → Tenants and plans."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.plan import Plans
from rtcstack.errors import Conflict
from rtcstack.services.access import Access

_TENANTS = "/settings/tenants"


@get(_TENANTS)
async def show_tenants(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    access: NamedDependency[Access],
    plans: NamedDependency[Plans],
) -> Response[str]:
    tenants = await access.list_tenants()
    return page(
        "settings_tenants.html",
        viewer,
        request=request,
        tenants=tenants,
        plans=tuple(map(plans.get, plans.names)),
    )


@post(_TENANTS, status_code=200)
async def make_tenant(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    access: NamedDependency[Access],
) -> Response[Any]:
    """Raises `Conflict` for one that is there, and what the service raises."""
    name = fields.text("tenant")
    if name in viewer.tenants:
        told = f"There is a tenant {name} already. Its plan is set in the list."
        raise Conflict(told, code="tenant_exists", field="tenant")
    made = await access.create_tenant(name, fields.text("plan"))
    return done(request, f"The tenant {made.id} was made.", to=_TENANTS, leaves=True)


@post(_TENANTS + "/{tenant_id:str}/plan", status_code=200)
async def set_plan(
    request: AnyRequest,
    tenant_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    access: NamedDependency[Access],
) -> Response[Any]:
    del viewer
    await access.set_plan(tenant_id, fields.text("plan"))
    return done(request, f"{tenant_id} has the plan {fields.text('plan')} now.", to=_TENANTS)


TENANT_PAGES = (show_tenants, make_tenant, set_plan)
