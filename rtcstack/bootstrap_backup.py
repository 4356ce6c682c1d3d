"""The composition root of `rtcstack backup` and `rtcstack restore`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from rtcstack import __version__
from rtcstack.adapters.backup.bucket import BucketShelf
from rtcstack.adapters.backup.folder import FolderShelf
from rtcstack.adapters.s3.store import S3Storage
from rtcstack.adapters.sql.snapshot import SqliteSnapshots
from rtcstack.appliance.secrets import keep, kept
from rtcstack.bootstrap import Platform
from rtcstack.clock import SystemClock
from rtcstack.domain.own_bucket import is_bucket
from rtcstack.errors import Invalid
from rtcstack.ports.backup import Shelf
from rtcstack.services.backup.check import BackupCheck
from rtcstack.services.backup.restore import Restore
from rtcstack.services.backup.take import Backups
from rtcstack.settings import Settings


def open_shelf(settings: Settings, at: str) -> Shelf:
    """Return the shelf at `s3://BUCKET[/PREFIX]`, or in a folder.

    Raises:
        Invalid: it is no such address, or there are no keys for the store.
    """
    if not at.startswith("s3://"):
        if "://" in at:
            raise Invalid(f"Backups go to a folder or to s3://BUCKET/PREFIX, and not to {at}.")
        return FolderShelf(Path(at).expanduser().resolve())
    parts = urlsplit(at)
    if not is_bucket(parts.netloc) or parts.query or parts.fragment:
        raise Invalid(f"{at} is no address of a bucket: s3://BUCKET/PREFIX.")
    prefix = parts.path.strip("/")
    return BucketShelf(_store(settings, parts.netloc), f"{prefix}/" if prefix else "")


def _store(settings: Settings, bucket: str) -> S3Storage:
    own, shared = settings.backup, settings.storage
    keys = own if own.url else shared
    access_key, secret_key = keys.access_key.get_secret_value(), keys.secret_key.get_secret_value()
    if not access_key or not secret_key:
        section = "BACKUP" if own.url else "STORAGE"
        raise Invalid(
            f"There are no keys for the store: set RTCSTACK_{section}__ACCESS_KEY and …__SECRET_KEY (or …_FILE)."
        )
    url = own.url or shared.url
    return S3Storage(
        url=url,
        public_url=url,
        bucket=bucket,
        access_key=access_key,
        secret_key=secret_key,
        region=keys.region,
    )


@asynccontextmanager
async def open_backups(settings: Settings) -> AsyncIterator[Backups]:
    """Open what makes backups of the data folder."""
    yield Backups(
        SqliteSnapshots(settings.database_path),
        SystemClock(),
        version=__version__,
        scratch=settings.data,
        secrets=kept(settings),
    )


@asynccontextmanager
async def open_check(settings: Settings) -> AsyncIterator[BackupCheck]:
    """Open what holds a backup against itself."""
    yield BackupCheck(SqliteSnapshots(settings.database_path), _scratch(settings))


@asynccontextmanager
async def open_check_of_objects(settings: Settings) -> AsyncIterator[BackupCheck]:
    """Open what holds it against the stores as well, which the data folder's appliance knows."""
    platform = Platform(settings)
    async with platform.running(with_workers=False):
        yield BackupCheck(
            SqliteSnapshots(settings.database_path), _scratch(settings), platform.services.stores
        )


@asynccontextmanager
async def open_restore(settings: Settings) -> AsyncIterator[Restore]:
    """Open what fills an empty data folder."""
    check = BackupCheck(SqliteSnapshots(settings.database_path), _scratch(settings))
    yield Restore(check, settings.database_path, lambda secrets: keep(settings, secrets))


def _scratch(settings: Settings) -> Path:
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.data
