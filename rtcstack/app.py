"""The ASGI application: routers, error rendering, OpenAPI, lifespan. No logic."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.middleware import DefineMiddleware

from rtcstack.api.admin.audit import list_audit
from rtcstack.api.admin.reconcile import get_reconcile, run_reconcile
from rtcstack.api.auth import principal_provider
from rtcstack.api.capacity import get_capacity
from rtcstack.api.clips.clips import ClipController, RecordingClipController
from rtcstack.api.clips.previews import PreviewController
from rtcstack.api.edge import guard
from rtcstack.api.errors import EXCEPTION_HANDLERS
from rtcstack.api.halls.halls import HallController
from rtcstack.api.halls.moderation import HallModerationController
from rtcstack.api.halls.recordings import HallRecordingController
from rtcstack.api.hooks.egress import egress_store_hook
from rtcstack.api.hooks.livekit import livekit_hook
from rtcstack.api.idempotency import IdempotencyMiddleware
from rtcstack.api.library.recordings import LibraryController
from rtcstack.api.library.rooms import LibraryRoomController
from rtcstack.api.limits import CallLimits
from rtcstack.api.links import Links
from rtcstack.api.metrics import Door, get_metrics
from rtcstack.api.openapi import complete, openapi_config
from rtcstack.api.rooms.recording import RecordingController
from rtcstack.api.rooms.rooms import RoomController
from rtcstack.api.settings.storage import StorageSettingsController
from rtcstack.api.strict import strict_body
from rtcstack.api.system import healthz, readyz
from rtcstack.api.webhooks.deliveries import DeliveryController, list_events
from rtcstack.api.webhooks.webhooks import WebhookController
from rtcstack.bootstrap import Platform
from rtcstack.dashboard.faults import no_such_path
from rtcstack.dashboard.live import Streams
from rtcstack.dashboard.router import dashboard
from rtcstack.join.router import join_page
from rtcstack.settings import Settings
from rtcstack.settings.reach import is_behind_proxy


def _provide(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


def _dependencies(platform: Platform, settings: Settings, limits: CallLimits) -> dict[str, Provide]:
    """Every service under its own name, and what only the surfaces need."""
    links = Links(
        livekit_url=settings.livekit.public_url or settings.livekit.ws_url,
        api_url=settings.api.public_url or settings.api.url,
    )
    given = {name: _provide(service) for name, service in vars(platform.services).items()}
    return {
        **given,
        "inbox_worker": _provide(platform.loops.inbox),
        "links": _provide(links),
        "metrics_door": _provide(
            Door(platform.services.access, limits, is_behind_proxy=is_behind_proxy(settings))
        ),
        "principal": principal_provider(platform.services.access, limits),
    }


def _idempotency(platform: Platform) -> DefineMiddleware:
    services = platform.services
    return DefineMiddleware(IdempotencyMiddleware, access=services.access, idempotency=services.idempotency)


def _resolve_in_turn(app: Litestar) -> None:
    """Let dependencies be resolved one after the other.

    Litestar gives each of several a task of its own. Ours but `principal` are there already, and the tasks took a third
    of the time of a small GET.
    """
    for route in app.routes:
        for _, model in getattr(route, "route_handler_map", {}).values():
            model.dependency_batches = [{one} for batch in model.dependency_batches for one in batch]


def create_app(settings: Settings, platform: Platform | None = None) -> Litestar:
    platform = platform or Platform(settings)
    is_alone = settings.api.is_loopback and not is_behind_proxy(settings)
    limits = CallLimits(settings.limits, is_loopback=is_alone)
    streams = Streams()

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        async with platform.running():
            yield

    app = Litestar(
        route_handlers=[
            healthz,
            readyz,
            get_metrics,
            RoomController,
            RecordingController,
            HallController,
            HallModerationController,
            HallRecordingController,
            RecordingClipController,
            ClipController,
            PreviewController,
            LibraryRoomController,
            LibraryController,
            WebhookController,
            DeliveryController,
            list_events,
            list_audit,
            get_capacity,
            get_reconcile,
            run_reconcile,
            StorageSettingsController,
            livekit_hook,
            egress_store_hook,
            dashboard(settings, limits, streams),
            join_page(settings, limits),
        ],
        dependencies=_dependencies(platform, settings, limits),
        exception_handlers={**EXCEPTION_HANDLERS, NotFoundException: no_such_path},
        before_request=strict_body,
        middleware=[_idempotency(platform)],
        request_max_body_size=settings.api.max_body_bytes,
        openapi_config=openapi_config(),
        lifespan=[lifespan],
        logging_config=None,
    )
    app.state.streams = streams
    _resolve_in_turn(app)
    guard(app, limits)
    complete(app.openapi_schema)
    return app
