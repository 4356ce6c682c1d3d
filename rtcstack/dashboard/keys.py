"""Settings → API keys."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.api_key import Scope
from rtcstack.errors import Invalid, KeyNotFound
from rtcstack.services.access import Access

_KEYS = "/settings/keys"
_SCOPES: Final = {
    Scope.READ: "looks at everything of the tenant, and gets links to its recordings; changes nothing",
    Scope.WRITE: "what read does, and opens rooms, lets people join, records, cuts, archives and deletes, and sets where webhooks go",
    Scope.ADMIN: "what write does, and sets the bucket that recordings go to",
    Scope.METRICS: "reads the figures of the whole appliance at /metrics, and nothing else",
}
"""What a key of each may do."""


@get("/settings")
async def show_settings(viewer: NamedDependency[Viewer]) -> Response[Any]:
    del viewer
    return Redirect("/settings/storage", status_code=303)


@get(_KEYS)
async def show_keys(
    request: AnyRequest, viewer: NamedDependency[Viewer], access: NamedDependency[Access]
) -> Response[str]:
    return page(
        "settings_keys.html",
        viewer,
        request=request,
        keys=await _keys(access, viewer),
        made=None,
        scopes=_SCOPES,
    )


async def _keys(access: Access, viewer: Viewer) -> list[Any]:
    """Return the tenant's keys, live ones first."""
    own = [key for key in await access.list_keys() if key.tenant_id == viewer.tenant_id]
    return sorted(own, key=lambda key: (key.revoked_at_ms is not None, -key.created_at_ms))


@post(_KEYS, status_code=200)
async def make_key(
    viewer: NamedDependency[Viewer], fields: NamedDependency[Fields], access: NamedDependency[Access]
) -> Response[str]:
    scope = fields.text("scope")
    if scope not in set(Scope):
        raise Invalid("A scope is read, write, admin or metrics.", field="scope")
    is_operator = bool(fields.text("operator"))
    _, text = await access.create_key(
        viewer.tenant_id, scope=Scope(scope), is_operator=is_operator, name=fields.text("name")
    )
    return page("settings_keys.html", viewer, keys=await _keys(access, viewer), made=text, scopes=_SCOPES)


@post(_KEYS + "/{key_id:str}/revoke", status_code=200)
async def revoke_key(
    request: AnyRequest,
    key_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    access: NamedDependency[Access],
) -> Response[Any]:
    if not any(key.id == key_id for key in await _keys(access, viewer)):
        raise KeyNotFound(f"There is no live key {key_id}.")
    await access.revoke_key(key_id)
    return done(request, f"The key {key_id} was revoked.", to=_KEYS, leaves=True)


KEY_PAGES = (show_settings, show_keys, make_key, revoke_key)
