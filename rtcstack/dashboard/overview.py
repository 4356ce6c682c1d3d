"""The first page: what goes on now, what is stored, how the parts are."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency

from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.services.capacity import Capacity
from rtcstack.services.overview import Overview
from rtcstack.services.preflight import Preflight

PARTS = {"redis": "Redis", "minio": "Object store", "livekit": "LiveKit", "egress": "Egress workers"}


@get("/")
async def show_overview(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    overview: NamedDependency[Overview],
) -> Response[str]:
    """With `part=now`, only what goes on."""
    now = await overview.now(viewer.tenant_id)
    stored = await overview.stored(viewer.tenant_id)
    template = "overview_now.html" if asked(request, "part") == "now" else "overview.html"
    return page(template, viewer, request=request, now=now, stored=stored)


@get("/parts")
async def show_health(
    viewer: NamedDependency[Viewer],
    preflight: NamedDependency[Preflight],
    overview: NamedDependency[Overview],
    capacity: NamedDependency[Capacity],
) -> Response[str]:
    """Return a piece of the first page: to ask all parts takes longer than the page may."""
    report, room = await asyncio.gather(preflight.report(), capacity.read(viewer.tenant_id))
    return page(
        "overview_health.html",
        viewer,
        parts=[(PARTS.get(name, name), error) for name, error in report.items()],
        capacity=room,
        disks=await overview.disks(),
        full=preflight.disk_failure(),
    )
