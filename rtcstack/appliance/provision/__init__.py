"""Finds or builds the programs that are not ours. What it once built it never builds again."""

from collections.abc import Mapping
from pathlib import Path

from rtcstack import one_file
from rtcstack.appliance.parts import Programs
from rtcstack.appliance.provision import go, redis
from rtcstack.appliance.provision.missing import Missing, SeveralMissing
from rtcstack.appliance.provision.progress import Progress
from rtcstack.appliance.provision.versions import LIVEKIT, MINIO
from rtcstack.settings import Settings


def cache_folder(settings: Settings) -> Path:
    return (settings.cache or Path("~/.cache/rtcstack")).expanduser().absolute()


def _carried(folder: Path) -> Programs:
    return Programs(redis=folder / "redis-server", livekit=folder / LIVEKIT.name, minio=folder / MINIO.name)


def provision(settings: Settings, environ: Mapping[str, str], progress: Progress | None = None) -> Programs:
    """Return where the programs lie, after getting what was missing; the one-file build carries them all.

    Raises:
        SeveralMissing: things cannot be had; the message says of each what, why it is needed and how to get it.
        BuildFailed: a build was refused.
    """
    if carried := one_file.find_carried():
        return _carried(carried / "bin")
    progress = progress or Progress()
    cache = cache_folder(settings)
    # Asked before anything is built: nobody should wait for a build to learn that Redis is missing.
    missing: list[Missing] = []
    try:
        go.require((LIVEKIT, MINIO), cache, environ)
    except Missing as e:
        missing.append(e)
    try:
        bus = redis.provide(cache, environ, progress)
    except Missing as e:
        missing.append(e)
    if missing:
        raise SeveralMissing(missing)
    return Programs(
        redis=bus,
        livekit=go.provide(LIVEKIT, cache, environ, progress),
        minio=go.provide(MINIO, cache, environ, progress),
    )
