"""The composition root of the commands over tenants, keys and the audit log: the whole one takes twice as long to import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.adapters.sql.sqlite import SqliteDatabase
from rtcstack.clock import SystemClock
from rtcstack.services.access import Access
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.audit_log import AuditLog
from rtcstack.settings import Settings
from rtcstack.settings.plans import load_plans


@asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[Access]:
    """Open only what the management of tenants and keys needs: the database."""
    async with _database(settings) as db:
        yield Access(db, SystemClock(), load_plans(settings.plans))


@asynccontextmanager
async def open_admin_users(settings: Settings) -> AsyncIterator[AdminUsers]:
    """Open only what the management of the dashboard's users needs: the database."""
    async with _database(settings) as db:
        yield AdminUsers(db, SystemClock())


@asynccontextmanager
async def open_audit(settings: Settings) -> AsyncIterator[AuditLog]:
    """Open only what reading the audit log needs: the database."""
    async with _database(settings) as db:
        yield AuditLog(db, SystemClock(), retention_days=settings.audit.retention_days)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[SqliteDatabase]:
    migrate(settings.database_path)
    db = SqliteDatabase(settings.database_path, readers=1, synchronous=settings.database.synchronous)
    try:
        await db.open()
        yield db
    finally:
        await db.close()
