"""The first page: what goes on now, what is stored, how the parts are."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency

from rtcstack.clock import SystemClock
from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.formats import age
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.recording import ACTIVE, UNENDED, RecordingState
from rtcstack.services.capacity import Capacity
from rtcstack.services.health import Health
from rtcstack.services.overview import Overview
from rtcstack.services.preflight import Preflight

_CLOCK = SystemClock()
_OLD_BACKUP_S = 7 * 24 * 3600
_TIGHT = 0.1
_UNENDED = ACTIVE | UNENDED | {RecordingState.PROCESSING}
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
    active, unended = (sum(stored.totals.get(one, 0) for one in of) for of in (ACTIVE, _UNENDED))
    return page(template, viewer, request=request, now=now, stored=stored, active=active, unended=unended)


@get("/parts")
async def show_health(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    preflight: NamedDependency[Preflight],
    overview: NamedDependency[Overview],
    health: NamedDependency[Health],
    capacity: NamedDependency[Capacity],
) -> Response[str]:
    """Return a piece of the first page: to ask all parts takes longer than the page may. Without scripts it is a page."""
    report, room, database = await asyncio.gather(
        preflight.report(), capacity.read(viewer.tenant_id), health.database()
    )
    disks = await overview.disks()
    backup_s = (_CLOCK.now_ms() - (database.backup_at_ms or 0)) / 1000
    return page(
        "overview_health.html" if "hx-request" in request.headers else "overview_parts.html",
        viewer,
        parts=[(PARTS.get(name, name), error) for name, error in report.items()],
        capacity=room,
        database=database,
        backup_age=f"{age(backup_s)} ago",
        backup_is_old=backup_s > _OLD_BACKUP_S,
        waiting=await health.queues(),
        disks=disks,
        full=preflight.disk_failure(),
        is_tight=any(disk.free_bytes < disk.total_bytes * _TIGHT for disk in disks),
    )
