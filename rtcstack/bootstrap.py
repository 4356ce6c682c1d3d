"""The composition root: settings → adapters → services → workers. Nothing else joins ports to adapters."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from rtcstack import log
from rtcstack.adapters.crypto.configured import appliance_keys, keyring
from rtcstack.adapters.crypto.keyring import Keyring
from rtcstack.adapters.crypto.sealer import EnvelopeSealer
from rtcstack.adapters.crypto.worker_calls import SecretWorkerCalls
from rtcstack.adapters.http.guard import AddressGuard
from rtcstack.adapters.http.look_ups import LookUp, system_look_up
from rtcstack.adapters.http.sender import HttpSender
from rtcstack.adapters.livekit.client import LiveKitClient
from rtcstack.adapters.media.process import MediaProcesses
from rtcstack.adapters.moderation.configured import configured as configured_moderator
from rtcstack.adapters.moderation.room_view import RoomViewProcesses
from rtcstack.adapters.psrpc.readiness import FleetReadiness
from rtcstack.adapters.s3.opener import S3Opener
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.assembly import Ports, Services
from rtcstack.clock import Clock, SystemClock
from rtcstack.errors import RtcError
from rtcstack.ports.moderation import Moderator
from rtcstack.services.sealing.check import Upkeep, check_keys
from rtcstack.services.sealing.data_keys import DataKeys
from rtcstack.services.sealing.inventory import SealingKeys
from rtcstack.services.sealing.rotation import Rotation
from rtcstack.services.storage.move import StorageMove
from rtcstack.services.storage.reach import warn_of_unreachable
from rtcstack.settings import Settings
from rtcstack.settings.plans import load_plans
from rtcstack.settings.reach import may_reach_loopback
from rtcstack.workers.loops import loops

_log = log.get(__name__)


@dataclass(frozen=True)
class _Adapters(Ports):
    """The ports, as what they really are: with `open` and `close`."""

    db: SqliteDatabase
    livekit: LiveKitClient
    storage: S3Storage
    sender: HttpSender
    fleet: FleetReadiness
    opener: S3Opener
    keyring: Keyring


class Platform:
    """Everything that one process needs. Building it does no I/O; `running` opens it, and closes it in reverse."""

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, look_up: LookUp = system_look_up
    ) -> None:
        """`look_up` is how names of webhooks' hosts are looked up."""
        self._settings = settings
        self._adapters = _adapters(settings, clock or SystemClock(), look_up)
        self.services = Services(settings, self._adapters, load_plans(settings.plans))
        self.loops = loops(self.services, Upkeep(self._adapters.keyring))

    @asynccontextmanager
    async def running(self, *, with_workers: bool = True) -> AsyncIterator[None]:
        adapters = self._adapters
        migrate(self._settings.database_path)
        async with AsyncExitStack() as stack:
            for resource in (adapters.db, adapters.livekit, adapters.sender):
                stack.push_async_callback(resource.close)
                await resource.open()
            await check_keys(adapters.db, adapters.keyring)
            await warn_of_unreachable(adapters.db, _storage_guard(self._settings).allows)
            stack.push_async_callback(adapters.storage.close)
            stack.push_async_callback(adapters.opener.close)
            stack.push_async_callback(self.services.stores.close)
            stack.push_async_callback(adapters.fleet.close)
            await self.services.measures.open()
            if with_workers:
                await _open_moderator(adapters.moderator, stack)
                stack.push_async_callback(self.loops.workers.stop)
                self.loops.workers.start()
            yield


async def _open_moderator(moderator: Moderator, stack: AsyncExitStack) -> None:
    """Raises, and logs, why the provider cannot do what the settings ask."""
    stack.push_async_callback(moderator.close)
    try:
        await moderator.open()
    except RtcError as e:
        _log.error("cannot start", error=e.message)
        raise


@asynccontextmanager
async def open_sealing(settings: Settings) -> AsyncIterator[tuple[SealingKeys, Rotation]]:
    """Open only what the management of keys needs: the database and what wraps data keys."""
    migrate(settings.database_path)
    db = SqliteDatabase(settings.database_path, readers=1, synchronous=settings.database.synchronous)
    keys, clock = keyring(settings.sealing), SystemClock()
    data_keys = DataKeys(db, clock, keys)
    sealer = EnvelopeSealer(data_keys, appliance_keys(settings.sealing))
    try:
        await db.open()
        yield SealingKeys(db, clock, keys), Rotation(db, clock, keys, data_keys, sealer)
    finally:
        await db.close()


@asynccontextmanager
async def open_storage_move(settings: Settings) -> AsyncIterator[StorageMove]:
    """Open what moves recordings between buckets, without any of the workers."""
    platform = Platform(settings)
    async with platform.running(with_workers=False):
        yield platform.services.storage_move


def _storage_guard(settings: Settings) -> AddressGuard:
    return AddressGuard(settings.storage.allow_networks, allow_loopback=may_reach_loopback(settings))


def _adapters(settings: Settings, clock: Clock, look_up: LookUp) -> _Adapters:
    storage, livekit = settings.storage, settings.livekit
    guard = AddressGuard(settings.webhooks.allow_networks, allow_loopback=may_reach_loopback(settings))
    db = SqliteDatabase(
        settings.database_path,
        readers=settings.database.readers,
        synchronous=settings.database.synchronous,
    )
    keys = keyring(settings.sealing)
    fleet = FleetReadiness(settings.redis)
    return _Adapters(
        db=db,
        livekit=LiveKitClient(
            livekit.http_url,
            livekit.api_key.get_secret_value(),
            livekit.api_secret.get_secret_value(),
            fleet.ping_bus,
        ),
        storage=S3Storage(
            url=storage.url,
            public_url=storage.public_url or storage.url,
            bucket=storage.bucket,
            access_key=storage.access_key.get_secret_value(),
            secret_key=storage.secret_key.get_secret_value(),
            region=storage.region,
        ),
        sender=HttpSender(guard, settings.webhooks.timeout_s, look_up),
        fleet=fleet,
        sealer=EnvelopeSealer(DataKeys(db, clock, keys), appliance_keys(settings.sealing)),
        keyring=keys,
        media=MediaProcesses(
            [storage.url], storage.allow_networks, allow_loopback=may_reach_loopback(settings)
        ),
        clock=clock,
        opener=S3Opener(_storage_guard(settings)),
        worker_calls=SecretWorkerCalls(
            livekit.api_key.get_secret_value(), livekit.api_secret.get_secret_value()
        ),
        moderator=configured_moderator(settings.moderation),
        room_view=RoomViewProcesses(
            livekit.ws_url, livekit.api_key.get_secret_value(), livekit.api_secret.get_secret_value()
        ),
    )
