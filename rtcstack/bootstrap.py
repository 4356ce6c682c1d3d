"""The composition root: settings → adapters → services → workers. Nothing else joins ports to adapters."""

import random
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
from rtcstack.api.links import Links
from rtcstack.clock import Clock, SystemClock
from rtcstack.services.access import Access
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.inbox import Inbox
from rtcstack.services.outbox import Outbox
from rtcstack.services.preflight import Preflight
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.rooms import Rooms
from rtcstack.services.webhooks import Webhooks
from rtcstack.settings import Settings
from rtcstack.workers.runner import Worker, Workers

_CATCH_UP_S = 15.0


@dataclass(frozen=True)
class Services:
    """What the surfaces call; the field names are the names that handlers ask for."""

    access: Access
    rooms: Rooms
    recording_start: RecordingStart
    recording_stop: RecordingStop
    recording_query: RecordingQuery
    webhooks: Webhooks
    inbox: Inbox
    preflight: Preflight
    inbox_worker: Worker
    links: Links


@dataclass(frozen=True)
class _Adapters:
    db: SqliteDatabase
    livekit: LiveKitClient
    storage: S3Storage
    sender: HttpSender
    fleet: FleetReadiness
    sealer: AesGcmSealer
    clock: Clock


class Platform:
    """Everything that one process needs. Building it does no I/O; `running` opens it, and closes it in reverse."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._adapters = _adapters(settings, clock or SystemClock())
        self.services, self.workers = _services(settings, self._adapters)

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
                stack.push_async_callback(self.workers.stop)
                self.workers.start()
            yield


@asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[Access]:
    """Open only what the management of keys needs: the database."""
    migrate(settings.database_path)
    db = SqliteDatabase(settings.database_path, readers=1, synchronous=settings.database.synchronous)
    try:
        await db.open()
        yield Access(db, SystemClock())
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


def _services(settings: Settings, a: _Adapters) -> tuple[Services, Workers]:
    events = Events(a.clock)
    egress_events = EgressEvents(a.clock, events)
    inbox = Inbox(a.db, a.clock, a.livekit, egress_events)
    timeout_s = settings.rooms.start_timeout_s
    catch_up = CatchUp(a.db, a.clock, a.livekit, egress_events, abandoned_after_s=2 * timeout_s)
    outbox_worker = Worker("outbox", Outbox(a.db, a.clock, a.sender, a.sealer, random.Random()).deliver_due)  # noqa: S311  # jitter
    finalize_worker = Worker(
        "finalize", Finalize(a.db, a.clock, a.storage, events).finalize_next, wakes=(outbox_worker,)
    )
    after_events = (finalize_worker, outbox_worker)
    inbox_worker = Worker("inbox", inbox.process_next, wakes=after_events)
    catch_up_worker = Worker("catch-up", catch_up.run_once, interval_s=_CATCH_UP_S, wakes=after_events)
    probes = {
        "redis": a.fleet.ping_bus,
        "minio": a.storage.ping,
        "livekit": a.livekit.ping,
        "egress": a.fleet.ping_workers,
    }
    preflight = Preflight(probes, settings.spool_path, settings.egress.min_free_bytes)
    recording_stop = RecordingStop(a.db, a.clock, a.livekit, timeout_s=timeout_s)
    rooms = Rooms(a.db, a.clock, a.livekit, recording_stop)
    services = Services(
        access=Access(a.db, a.clock),
        rooms=rooms,
        recording_start=RecordingStart(
            a.db, a.clock, a.livekit, rooms, preflight, bucket=settings.storage.bucket, timeout_s=timeout_s
        ),
        recording_stop=recording_stop,
        recording_query=RecordingQuery(a.db, a.storage, presign_ttl_s=settings.storage.presign_ttl_s),
        webhooks=Webhooks(a.db, a.clock, a.sender, a.sealer, max_endpoints=settings.webhooks.max_endpoints),
        inbox=inbox,
        preflight=preflight,
        inbox_worker=inbox_worker,
        links=Links(livekit_url=settings.livekit.public_url or settings.livekit.ws_url),
    )
    return services, Workers([inbox_worker, finalize_worker, outbox_worker, catch_up_worker])
