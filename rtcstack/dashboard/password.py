"""Settings → Password: one's own."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.sign_in import Door
from rtcstack.dashboard.viewer import COOKIE, Viewer
from rtcstack.errors import Invalid, Unauthenticated
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.sessions import Sessions

_HERE = "/settings/password"


@get(_HERE)
async def show_password(request: AnyRequest, viewer: NamedDependency[Viewer]) -> Response[str]:
    return page("settings_password.html", viewer, request=request, fault=None)


@post(_HERE, status_code=200)
async def change_password(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    door: NamedDependency[Door],
    sessions: NamedDependency[Sessions],
    admin_users: NamedDependency[AdminUsers],
) -> Response[Any]:
    """All sessions end, this one as well. Raises `RateLimited`."""
    client = request.scope["client"]
    try:
        with door.trying(client[0] if client else ""):
            await sessions.check_password(viewer.session, fields.secret("current"))
        await admin_users.set_password(viewer.name, _twice(fields))
    except (Unauthenticated, Invalid) as e:
        return page("settings_password.html", viewer, status=400, fault=e.message)
    made = done(request, "The password was changed. Sign in with the new one.", to="/sign-in", leaves=True)
    made.delete_cookie(COOKIE)
    return made


def _twice(fields: Fields) -> str:
    """Raises `Invalid`."""
    if fields.secret("new") != fields.secret("again"):
        raise Invalid("The new password was not written the same way twice.", field="again")
    return fields.secret("new")


PASSWORD_PAGES = (show_password, change_password)
