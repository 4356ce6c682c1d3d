"""The audit log: who did what."""

from collections.abc import Iterable

from litestar import Response, get
from litestar.di import NamedDependency

from rtcstack.dashboard import words
from rtcstack.dashboard.fields import AnyRequest, asked
from rtcstack.dashboard.pages import page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.audit import Action, AuditEntry, AuditFilter
from rtcstack.services.access import Access
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.audit_log import AuditLog
from rtcstack.services.recording_search import RecordingSearch

_PAGE = 50
_NAMED = ("room_id", "recording_id")
"""Details that name another object."""


def _objects(entries: Iterable[AuditEntry], tenant_id: str) -> set[str]:
    """Return the ids of all objects of the tenant that the entries name."""
    own = [entry for entry in entries if entry.tenant_id == tenant_id]
    named = {str(entry.details[name]) for entry in own for name in _NAMED if entry.details.get(name)}
    return named | {entry.object_id for entry in own if entry.object_id}


@get("/audit")
async def show_audit(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    audit_log: NamedDependency[AuditLog],
    admin_users: NamedDependency[AdminUsers],
    access: NamedDependency[Access],
    recording_search: NamedDependency[RecordingSearch],
) -> Response[str]:
    """Of the tenant that is looked at, or with `all=1` of the whole appliance; with `object` of one object alone."""
    action, object_id, cursor = (asked(request, name) for name in ("action", "object", "cursor"))
    action, is_all = action if action in set(Action) else "", asked(request, "all") == "1"
    which = AuditFilter(None if is_all else viewer.tenant_id, action or None, object_id=object_id or None)
    found = await audit_log.page(which, cursor=cursor or None, limit=_PAGE)
    return page(
        "audit.html",
        viewer,
        request=request,
        entries=found.entries,
        names={**await admin_users.names(), **await access.key_names()},
        there=await recording_search.there(viewer.tenant_id, _objects(found.entries, viewer.tenant_id)),
        actions=sorted(words.DEEDS, key=words.DEEDS.__getitem__),
        action=action,
        object_id=object_id,
        is_all=is_all,
        cursor=cursor,
        next_page=found.cursor,
    )
