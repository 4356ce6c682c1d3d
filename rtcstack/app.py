"""The ASGI application: routers, error rendering, OpenAPI, lifespan. No logic."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from rtcstack import __version__
from rtcstack.api.auth import principal_provider
from rtcstack.api.errors import EXCEPTION_HANDLERS
from rtcstack.api.hooks.livekit import livekit_hook
from rtcstack.api.request_id import request_id_middleware
from rtcstack.api.rooms.recording import RecordingController
from rtcstack.api.rooms.rooms import RoomController
from rtcstack.api.system import healthz, readyz
from rtcstack.api.webhooks.webhooks import WebhookController
from rtcstack.bootstrap import Platform, Services
from rtcstack.settings import Settings


def _openapi() -> OpenAPIConfig:
    """Only the document itself: the usual viewers would load scripts from elsewhere."""
    bearer = SecurityScheme(type="http", scheme="bearer", description="An API key: `rtc_live_…`")
    return OpenAPIConfig(
        title="rtcstack",
        version=__version__,
        path="/schema",
        components=Components(security_schemes={"key": bearer}),
        security=[{"key": []}],
        render_plugins=[
            JsonRenderPlugin(path=["/", "/openapi.json"]),
            YamlRenderPlugin(path="/openapi.yaml"),
        ],
    )


def _provide(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


def _dependencies(services: Services) -> dict[str, Provide]:
    """Every field of `Services` under its own name, and `principal`."""
    given = {field.name: _provide(getattr(services, field.name)) for field in fields(services)}
    return {**given, "principal": principal_provider(services.access)}


def create_app(settings: Settings, platform: Platform | None = None) -> Litestar:
    platform = platform or Platform(settings)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        async with platform.running():
            yield

    return Litestar(
        route_handlers=[
            healthz,
            readyz,
            RoomController,
            RecordingController,
            WebhookController,
            livekit_hook,
        ],
        dependencies=_dependencies(platform.services),
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[request_id_middleware],
        request_max_body_size=settings.api.max_body_bytes,
        openapi_config=_openapi(),
        lifespan=[lifespan],
        logging_config=None,
    )
