"""The composition root of `rtcstack reconcile`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rtcstack.bootstrap import Platform
from rtcstack.errors import Invalid
from rtcstack.services.reconcile.reconciler import Reconciler
from rtcstack.settings import Settings


@asynccontextmanager
async def open_reconciler(settings: Settings) -> AsyncIterator[Reconciler]:
    """Open what the checks need, without any of the workers: what they queue is done by the appliance.

    Raises:
        Invalid: there are no keys for LiveKit.
    """
    if not settings.livekit.api_key.get_secret_value() or not settings.livekit.api_secret.get_secret_value():
        raise Invalid(
            "There are no keys for LiveKit: set RTCSTACK_LIVEKIT__API_KEY and …__API_SECRET (or …_FILE), or name"
            " the data folder of an appliance that was started."
        )
    platform = Platform(settings)
    async with platform.running(with_workers=False):
        yield platform.services.reconciler
