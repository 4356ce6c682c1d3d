"""The audit log: who did what."""

from litestar import Response, get
from litestar.di import NamedDependency

from rtcstack.dashboard import words
from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.audit import Action, AuditFilter
from rtcstack.services.access import Access
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.audit_log import AuditLog
from rtcstack.services.webhooks import Webhooks

_PAGE = 50


@get("/audit")
async def show_audit(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    audit_log: NamedDependency[AuditLog],
    admin_users: NamedDependency[AdminUsers],
    access: NamedDependency[Access],
    webhooks: NamedDependency[Webhooks],
) -> Response[str]:
    """Of the tenant that is looked at, or with `all=1` of the whole appliance."""
    action, cursor, is_all = asked(request, "action"), asked(request, "cursor"), asked(request, "all") == "1"
    action = action if action in set(Action) else ""
    which = AuditFilter(None if is_all else viewer.tenant_id, action or None)
    found = await audit_log.page(which, cursor=cursor or None, limit=_PAGE)
    return page(
        "audit.html",
        viewer,
        request=request,
        entries=found.entries,
        names={**await admin_users.names(), **await access.key_names()},
        endpoints={one.id for one in await webhooks.list(viewer.tenant_id)},
        actions=sorted(words.DEEDS, key=words.DEEDS.__getitem__),
        action=action,
        is_all=is_all,
        cursor=cursor,
        next_page=found.cursor,
    )
