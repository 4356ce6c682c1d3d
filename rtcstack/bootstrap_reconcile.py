"""The composition root of `rtcstack reconcile`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rtcstack.bootstrap import Platform
from rtcstack.services.reconcile.reconciler import Reconciler
from rtcstack.settings import Settings


@asynccontextmanager
async def open_reconciler(settings: Settings) -> AsyncIterator[Reconciler]:
    """Open what the checks need, without any of the workers: what they queue is done by the appliance."""
    platform = Platform(settings)
    async with platform.running(with_workers=False):
        yield platform.services.reconciler
