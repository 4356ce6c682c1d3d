"""Settings → API keys, tenants with their plans, the rules of the appliance."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.dashboard.words import span
from rtcstack.domain.api_key import Scope
from rtcstack.domain.plan import Plan
from rtcstack.errors import Invalid, KeyNotFound
from rtcstack.services.access import Access
from rtcstack.settings import Settings

_KEYS, _TENANTS = "/settings/keys", "/settings/tenants"


@dataclass(frozen=True)
class Rules:
    """What the configuration says that people ask for: a name, a value in words, and the setting behind it."""

    rows: tuple[tuple[str, str, str], ...]
    plans: tuple[Plan, ...]


def rules(settings: Settings, plans: tuple[Plan, ...]) -> Rules:
    kept, moderation = settings.recordings.deleted_retention_days, settings.moderation
    return Rules(
        (
            (
                "Data of deleted recordings",
                "kept for ever" if kept is None else f"purged after {_days(kept)}",
                "RTCSTACK_RECORDINGS__DELETED_RETENTION_DAYS",
            ),
            (
                "Events and deliveries",
                f"kept for {_days(settings.webhooks.retention_days)}",
                "RTCSTACK_WEBHOOKS__RETENTION_DAYS",
            ),
            (
                "Audit log",
                f"kept for {_days(settings.audit.retention_days)}",
                "RTCSTACK_AUDIT__RETENTION_DAYS",
            ),
            (
                "Download links",
                f"work for {span(settings.storage.presign_ttl_s)}",
                "RTCSTACK_STORAGE__PRESIGN_TTL_S",
            ),
            ("Longest clip", span(settings.clips.max_seconds), "RTCSTACK_CLIPS__MAX_SECONDS"),
            ("Moderation", _moderation(settings), "RTCSTACK_MODERATION__PROVIDER"),
            (
                "Findings count from",
                f"{moderation.threshold * 100:g} % likelihood",
                "RTCSTACK_MODERATION__THRESHOLD",
            ),
            (
                "Halls are looked at",
                f"every {span(moderation.interval_s)}",
                "RTCSTACK_MODERATION__INTERVAL_S",
            ),
        ),
        plans,
    )


def _days(days: float) -> str:
    return span(days * 24 * 3600)


def _moderation(settings: Settings) -> str:
    words = {"off": "off", "local": "by a local model", "google": "by Google's Video Intelligence"}
    return words[settings.moderation.provider]


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
        scopes=Scope,
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
    _, text = await access.create_key(viewer.tenant_id, scope=Scope(scope), is_operator=is_operator)
    return page("settings_keys.html", viewer, keys=await _keys(access, viewer), made=text, scopes=Scope)


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
    return done(request, f"The key {key_id} is revoked.", to=_KEYS, leaves=True)


@get(_TENANTS)
async def show_tenants(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    access: NamedDependency[Access],
    in_force: NamedDependency[Rules],
) -> Response[str]:
    tenants = await access.list_tenants()
    return page("settings_tenants.html", viewer, request=request, tenants=tenants, plans=in_force.plans)


@post(_TENANTS, status_code=200)
async def make_tenant(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    access: NamedDependency[Access],
) -> Response[Any]:
    del viewer
    made = await access.create_tenant(fields.text("tenant"), fields.text("plan"))
    return done(request, f"The tenant {made.id} is made.", to=_TENANTS, leaves=True)


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
    return done(request, f"{tenant_id} has the plan {fields.text('plan')}.", to=_TENANTS, leaves=True)


@get("/settings/rules")
async def show_rules(
    request: AnyRequest, viewer: NamedDependency[Viewer], in_force: NamedDependency[Rules]
) -> Response[str]:
    return page("settings_rules.html", viewer, request=request, rules=in_force)


KEY_PAGES = (show_settings, show_keys, make_key, revoke_key, show_tenants, make_tenant, set_plan, show_rules)
