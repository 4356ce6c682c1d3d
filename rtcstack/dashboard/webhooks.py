"""Webhooks: endpoints, and what became of every delivery."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.dashboard.fields import AnyRequest, Fields, asked
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.delivery import DeliveryState
from rtcstack.domain.event import DeliveryReport
from rtcstack.domain.webhook import EventName, request_headers
from rtcstack.errors import Invalid, NotFound
from rtcstack.services.webhook_deliveries import WebhookDeliveries
from rtcstack.services.webhooks import WebhookChange, Webhooks

_PAGE = 25
_MS = 1000
_FIELDS = {"room_ids": "rooms"}
"""By the API's names, those of the form."""


@get("/webhooks")
async def show_webhooks(
    request: AnyRequest, viewer: NamedDependency[Viewer], webhooks: NamedDependency[Webhooks]
) -> Response[str]:
    """With `part=list`, only the list."""
    found = await webhooks.list(viewer.tenant_id)
    template = "webhooks_list.html" if asked(request, "part") == "list" else "webhooks.html"
    return page(template, viewer, request=request, endpoints=found, events=list(EventName))


@post("/webhooks", status_code=200)
async def make_webhook(
    viewer: NamedDependency[Viewer], fields: NamedDependency[Fields], webhooks: NamedDependency[Webhooks]
) -> Response[str]:
    with _by_its_form():
        endpoint, secret = await webhooks.create(
            viewer.tenant_id, fields.text("url"), _events(fields), fields.text("rooms").split()
        )
    return page("webhook_secret.html", viewer, endpoint=endpoint, secret=secret)


@contextmanager
def _by_its_form() -> Iterator[None]:
    """Name the field that is wrong as the form does."""
    try:
        yield
    except Invalid as e:
        field = str(e.details.get("field", ""))
        raise Invalid(e.message, code=e.word, field=_FIELDS.get(field, field)) from e


def _events(fields: Fields) -> Sequence[str]:
    """Return those that are checked; all of them mean, as none does, whatever there will be."""
    chosen = fields.all("events")
    return () if len(chosen) == len(EventName) else chosen


def _readable(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def _headers(delivery: DeliveryReport) -> dict[str, str]:
    """Return the headers of the last try."""
    if delivery.sent_at_ms is None:
        return {}
    return request_headers(delivery.outbox_id, delivery.sent_at_ms // _MS, delivery.signature or "")


@get("/webhooks/{endpoint_id:str}")
async def show_webhook(
    request: AnyRequest,
    endpoint_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    webhooks: NamedDependency[Webhooks],
    webhook_deliveries: NamedDependency[WebhookDeliveries],
) -> Response[str]:
    """With `part=list`, only the deliveries; with `part=endpoint`, only what is known of the endpoint."""
    endpoint = await webhooks.get(viewer.tenant_id, endpoint_id)
    if asked(request, "part") == "endpoint":
        return page("webhook_now.html", viewer, endpoint=endpoint)
    state, cursor = asked(request, "state"), asked(request, "cursor")
    state = state if state in set(DeliveryState) else ""
    found = await webhook_deliveries.page(
        viewer.tenant_id,
        endpoint_id,
        state=DeliveryState(state) if state else None,
        cursor=cursor or None,
        limit=_PAGE,
    )
    return page(
        "webhook_list.html" if asked(request, "part") == "list" else "webhook.html",
        viewer,
        request=request,
        endpoint=endpoint,
        events=list(EventName),
        deliveries=[(one, _headers(one), _readable(one.body)) for one in found.deliveries],
        is_sending=any(one.state == DeliveryState.PENDING for one in found.deliveries),
        state=state,
        delivery_states=list(DeliveryState),
        cursor=cursor,
        next_page=found.cursor,
    )


@post("/webhooks/{endpoint_id:str}/{act:str}", status_code=200)
async def act_on_webhook(
    request: AnyRequest,
    endpoint_id: FromPath[str],
    act: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    webhooks: NamedDependency[Webhooks],
    webhook_deliveries: NamedDependency[WebhookDeliveries],
) -> Response[Any]:
    tenant_id, here = viewer.tenant_id, f"/webhooks/{endpoint_id}"
    match act:
        case "test":
            report = await webhook_deliveries.test(tenant_id, endpoint_id)
            return done(request, _told(report), to=here)
        case "replay":
            await webhook_deliveries.replay_one(tenant_id, endpoint_id, fields.text("event_id"))
            return done(request, "The event is sent again.", to=here)
        case "pause" | "enable":
            await webhooks.change(tenant_id, endpoint_id, WebhookChange(paused=act == "pause"))
            return done(request, f"The endpoint is {'paused' if act == 'pause' else 'active'}.", to=here)
        case "change":
            change = WebhookChange(fields.text("url"), _events(fields), fields.text("rooms").split())
            with _by_its_form():
                await webhooks.change(tenant_id, endpoint_id, change)
            return done(request, "The endpoint is changed.", to=here, leaves=True)
        case "rotate":
            endpoint, secret = await webhooks.rotate(tenant_id, endpoint_id)
            return page("webhook_secret.html", viewer, endpoint=endpoint, secret=secret)
        case "delete":
            await webhooks.delete(tenant_id, endpoint_id)
            return done(request, "The endpoint is deleted.", to="/webhooks", leaves=True)
    raise NotFound("There is no such page.")


def _told(report: DeliveryReport) -> str:
    if report.state == DeliveryState.DELIVERED:
        return f"The test event was delivered: {report.status_code} after {report.duration_ms} ms."
    return f"The test event was not delivered: {report.error or report.status_code or 'it waits'}."


WEBHOOK_PAGES = (show_webhooks, make_webhook, show_webhook, act_on_webhook)
