"""Finds or builds the programs that are not ours. What it once built it never builds again."""

from collections.abc import Mapping
from pathlib import Path

from rtcstack.appliance.parts import Programs
from rtcstack.appliance.provision import go, redis
from rtcstack.appliance.provision.progress import Progress
from rtcstack.appliance.provision.versions import LIVEKIT, MINIO
from rtcstack.settings import Settings


def cache_folder(settings: Settings) -> Path:
    return (settings.cache or Path("~/.cache/rtcstack")).expanduser().absolute()


def provision(settings: Settings, environ: Mapping[str, str], progress: Progress | None = None) -> Programs:
    """Return where the programs lie, after getting what was missing.

    Raises:
        Missing: something cannot be had; the message says what, why it is needed and how to get it.
        BuildFailed: a build was refused.
    """
    progress = progress or Progress()
    cache = cache_folder(settings)
    # The quick ones to fail come first: nobody should wait for a build to learn that Redis is missing.
    bus = redis.provide(cache, environ, progress)
    return Programs(
        redis=bus,
        livekit=go.provide(LIVEKIT, cache, environ, progress),
        minio=go.provide(MINIO, cache, environ, progress),
    )
