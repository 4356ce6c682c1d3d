"""The composition root: settings → adapters → services → workers. Nothing else joins ports to adapters."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from rtcstack.adapters.crypto.sealer import AesGcmSealer
from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.sender import HttpSender
from rtcstack.adapters.livekit.client import LiveKitClient
from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.assembly import Ports, Services
from rtcstack.clock import Clock, SystemClock
from rtcstack.services.access import Access
from rtcstack.settings import Settings
from rtcstack.settings.plans import load_plans
from rtcstack.workers.loops import loops


@dataclass(frozen=True)
class _Adapters(Ports):
    """The ports, as what they really are: with `open` and `close`."""

    db: SqliteDatabase
    livekit: LiveKitClient
    storage: S3Storage
    sender: HttpSender
    fleet: FleetReadiness


class Platform:
    """Everything that one process needs. Building it does no I/O; `running` opens it, and closes it in reverse."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._adapters = _adapters(settings, clock or SystemClock())
        self.services = Services(settings, self._adapters, load_plans(settings.plans))
        self.loops = loops(self.services)

    @asynccontextmanager
    async def running(self, *, with_workers: bool = True) -> AsyncIterator[None]:
        adapters = self._adapters
        migrate(self._settings.database_path)
        async with AsyncExitStack() as stack:
            for resource in (adapters.db, adapters.livekit, adapters.sender):
                stack.push_async_callback(resource.close)
                await resource.open()
            stack.push_async_callback(adapters.storage.close)
            stack.push_async_callback(adapters.fleet.close)
            if with_workers:
                stack.push_async_callback(self.loops.workers.stop)
                self.loops.workers.start()
            yield


@asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[Access]:
    """Open only what the management of tenants and keys needs: the database."""
    migrate(settings.database_path)
    db = SqliteDatabase(settings.database_path, readers=1, synchronous=settings.database.synchronous)
    try:
        await db.open()
        yield Access(db, SystemClock(), load_plans(settings.plans))
    finally:
        await db.close()


def _adapters(settings: Settings, clock: Clock) -> _Adapters:
    storage, livekit = settings.storage, settings.livekit
    guard = AddressGuard(settings.webhooks.allow_networks, allow_loopback=settings.api.is_loopback)
    return _Adapters(
        db=SqliteDatabase(
            settings.database_path,
            readers=settings.database.readers,
            synchronous=settings.database.synchronous,
        ),
        livekit=LiveKitClient(
            livekit.http_url, livekit.api_key.get_secret_value(), livekit.api_secret.get_secret_value()
        ),
        storage=S3Storage(
            url=storage.url,
            public_url=storage.public_url or storage.url,
            bucket=storage.bucket,
            access_key=storage.access_key.get_secret_value(),
            secret_key=storage.secret_key.get_secret_value(),
            region=storage.region,
        ),
        sender=HttpSender(guard, settings.webhooks.timeout_s),
        fleet=FleetReadiness(settings.redis),
        sealer=AesGcmSealer(settings.sealing.key.get_secret_value()),
        clock=clock,
    )
