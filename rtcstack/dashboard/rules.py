"""Settings → Rules: how long a tenant's data is kept, and what the configuration says that people ask for."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.formats import span
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.tenant import FOR_EVER, LONGEST_DAYS
from rtcstack.errors import Invalid
from rtcstack.services.access import Access
from rtcstack.settings import Settings
from rtcstack.settings.origins import Origin

_HERE = "/settings/rules"
_PREFIX = "RTCSTACK_"
_DAY_S = 24 * 3600
_PROVIDERS: Final = {"off": "off", "local": "by a local model", "google": "by Google's Video Intelligence"}
_RETENTIONS: Final = {"default": None, "for_ever": FOR_EVER}
_FOR_EVER: Final = "kept for ever"
_AN_EXAMPLE: Final = 30
"""For what is not set."""


@dataclass(frozen=True)
class Rule:
    """What it is about, how it is, and the setting: its name, where its value comes from, and the lines that set it."""

    what: str
    how: str
    name: str
    origin: Origin
    section: str
    line: str


@dataclass(frozen=True)
class Rules:
    rows: tuple[Rule, ...]
    file: str
    """Where the lines belong."""
    retention: str
    """How long the data of deleted recordings is kept of tenants without a rule of their own."""


def _kept(days: float | None) -> str:
    if not days:
        return _FOR_EVER if days is None else "purged within ten minutes"
    return f"purged after {span(days * _DAY_S)}"


async def kept_of(access: Access, in_force: Rules, tenant_id: str) -> str:
    """Return what becomes of the data of recordings that the tenant deletes: `purged after 30 days`."""
    days = await _days_of(access, tenant_id)
    kept = in_force.retention if days is None else _kept(None if days == FOR_EVER else days)
    return f"{_FOR_EVER}, so no storage is freed" if kept == _FOR_EVER else kept


async def _days_of(access: Access, tenant_id: str) -> int | None:
    [tenant] = [one for one in await access.list_tenants() if one.id == tenant_id]
    return tenant.deleted_retention_days


def _for_days(days: float) -> str:
    return f"kept for {span(days * _DAY_S)}"


_RULES: Final[tuple[tuple[str, str, str, Callable[[Any], str]], ...]] = (
    ("Data of deleted recordings", "recordings", "deleted_retention_days", _kept),
    ("Events and deliveries", "webhooks", "retention_days", _for_days),
    ("Audit log", "audit", "retention_days", _for_days),
    ("Download links", "storage", "presign_ttl_s", lambda seconds: f"work for {span(seconds)}"),
    ("Longest clip", "clips", "max_seconds", span),
    ("Moderation", "moderation", "provider", _PROVIDERS.__getitem__),
    ("Findings count from", "moderation", "threshold", lambda share: f"{share * 100:g} % likelihood"),
    ("Halls are looked at", "moderation", "interval_s", lambda seconds: f"every {span(seconds)}"),
)


def rules(settings: Settings) -> Rules:
    origins = settings.origins
    rows = []
    for what, section, key, told in _RULES:
        value = getattr(getattr(settings, section), key)
        name = f"{_PREFIX}{section}__{key}".upper()
        given = _AN_EXAMPLE if value is None else value
        line = f"{key} = {json.dumps(given)}"
        rows.append(Rule(what, told(value), name, origins.of(name), section, line))
    file = str(origins.file or "config/rtcstack.toml")
    return Rules(tuple(rows), file, _kept(settings.recordings.deleted_retention_days))


@get(_HERE)
async def show_rules(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    access: NamedDependency[Access],
    in_force: NamedDependency[Rules],
) -> Response[str]:
    return page(
        "settings_rules.html",
        viewer,
        request=request,
        rules=in_force,
        days=await _days_of(access, viewer.tenant_id),
        for_ever=FOR_EVER,
    )


@post(_HERE, status_code=200)
async def set_rules(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    access: NamedDependency[Access],
) -> Response[Any]:
    """Raises `Invalid`."""
    await access.set_retention(viewer.tenant_id, _days(fields))
    return done(request, "The retention was changed.", to=_HERE)


def _days(fields: Fields) -> int | None:
    kept = fields.text("kept")
    if kept in _RETENTIONS:
        return _RETENTIONS[kept]
    if kept != "days":
        raise Invalid("How long shall it be kept?", field="kept")
    days = fields.whole("days", "The number of days", least=0, most=LONGEST_DAYS)
    if days is None:
        raise Invalid("After how many days?", field="days")
    return days


RULE_PAGES = (show_rules, set_rules)
