"""An environment of its own for every data folder that a test makes."""

import os
from pathlib import Path

from rtcstack.appliance.secrets import make_missing
from rtcstack.settings import Settings, load
from tests.support.ports import free_port

_PORTS = (
    "RTCSTACK_API__PORT",
    "RTCSTACK_LIVEKIT__PORT",
    "RTCSTACK_LIVEKIT__RTC_TCP_PORT",
    "RTCSTACK_LIVEKIT__RTC_UDP_PORT",
    "RTCSTACK_REDIS__PORT",
    "RTCSTACK_STORAGE__PORT",
    "RTCSTACK_STORAGE__CONSOLE_PORT",
)


def outer_environment() -> dict[str, str]:
    """Return the environment the tests run in, without settings other than the cache."""
    kept = dict(os.environ)  # noqa: TID251 - child processes need the rest of it
    cache = kept.get("RTCSTACK_CACHE")
    kept = {name: value for name, value in kept.items() if not name.startswith(("RTCSTACK_", "MINIO_"))}
    return {**kept, "RTCSTACK_CACHE": cache} if cache else kept


def free_environment() -> dict[str, str]:
    """Return an environment in which every part has a free port."""
    return {**outer_environment(), **{name: str(free_port()) for name in _PORTS}}


def settings_with_secrets(environ: dict[str, str], data: Path) -> Settings:
    """Return settings as they are after a first start: with secrets in the data folder."""
    make_missing(load(environ, data=data))
    return load(environ, data=data)
