"""People who use the dashboard: the first one, and their passwords."""

import asyncio

from rtcstack.clock import Clock
from rtcstack.domain.admin_user import FIRST_USER, check_name, check_password, hash_password, new_password
from rtcstack.domain.audit import Action
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.repositories import admin_users
from rtcstack.services.audit import record


class AdminUsers:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def make_first(self) -> str | None:
        """Make the user `admin` unless there is a user; return the new password, which nobody can see again."""
        if await admin_users.is_any(self._db):
            return None
        return await self.set_password(FIRST_USER)

    async def names(self) -> dict[str, str]:
        """Return what everybody is called, by the id that the audit log has."""
        return await admin_users.names(self._db)

    async def set_password(self, name: str, password: str | None = None) -> str:
        """Give a user that password or a new random one, and return it. The user is made if need be, and is signed out
        everywhere.

        Raises:
            Invalid: the name or the password is none.
        """
        check_name(name)
        password = new_password() if password is None else check_password(password)
        password_hash = await asyncio.to_thread(hash_password, password)
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            user_id = await admin_users.put(tx, new_id("adm", now_ms), name, password_hash, now_ms)
            await admin_users.end_sessions_of(tx, user_id)
            await record(tx, Action.ADMIN_PASSWORD, None, user_id, now_ms, name=name)
        return password
