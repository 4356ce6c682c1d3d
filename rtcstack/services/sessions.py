"""Sign in to the dashboard, and out again."""

import asyncio

from rtcstack.clock import Clock
from rtcstack.domain.admin_user import (
    IDLE_MS,
    LONGEST_MS,
    MAX_PASSWORD_CHARS,
    Session,
    hash_token,
    is_password,
    new_token,
)
from rtcstack.domain.audit import Action
from rtcstack.domain.room import DEFAULT_TENANT
from rtcstack.errors import RateLimited, Unauthenticated
from rtcstack.ports.database import Database
from rtcstack.repositories import admin_users, tenants
from rtcstack.services.audit import record

_TOUCH_MS = 60_000
"""How exactly it is known when a session was used last."""
_NOBODYS_HASH = "scrypt$32768$8$3$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""No password has this one: to look for a user that is not there takes as long."""
_AT_ONCE = 2
"""Each look at a password keeps a core and 32 MiB busy for a quarter of a second."""
_WAITING = 6
"""So many more wait for that, a second at most; others are told to come again."""
_AGAIN_S = 1.0


class Sessions:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._busy, self._asked = asyncio.Semaphore(_AT_ONCE), 0

    async def sign_in(self, name: str, password: str) -> str:
        """Return the token of a new session.

        Raises:
            Unauthenticated: `wrong_password`; an unknown name takes as long, and sounds the same.
            RateLimited: too many wait for theirs to be looked at; this one was not.
        """
        user = await admin_users.find(self._db, name)
        is_right = await self._is_password(password, user.password_hash if user else None)
        if user is None or not is_right:
            raise Unauthenticated("The name or the password is wrong.", code="wrong_password")
        token, now_ms = new_token(), self._clock.now_ms()
        async with self._db.transaction() as tx:
            await admin_users.forget_sessions(
                tx, seen_before_ms=now_ms - IDLE_MS, made_before_ms=now_ms - LONGEST_MS
            )
            await admin_users.add_session(tx, hash_token(token), user.id, DEFAULT_TENANT, now_ms)
            await record(tx, Action.ADMIN_SIGN_IN, None, user.id, now_ms, name=user.name)
        return token

    async def _is_password(self, password: str, stored: str | None) -> bool:
        if len(password) > MAX_PASSWORD_CHARS:
            return False
        if self._asked >= _AT_ONCE + _WAITING:
            raise RateLimited("Too many people sign in at this moment.", retry_after_s=_AGAIN_S)
        self._asked += 1
        try:
            async with self._busy:
                return await asyncio.to_thread(is_password, password, stored or _NOBODYS_HASH)
        finally:
            self._asked -= 1

    async def find(self, token: str, *, prolongs: bool = True) -> Session | None:
        """Return the session of that token, unless it is over; from now on it was used now, if that `prolongs` it."""
        found = await admin_users.find_session(self._db, hash_token(token))
        now_ms = self._clock.now_ms()
        if found is None or found.is_over(now_ms):
            return None
        if prolongs and now_ms - found.seen_at_ms >= _TOUCH_MS:
            async with self._db.transaction() as tx:
                await admin_users.touch_session(tx, found.token_hash, now_ms)
        return found

    async def is_live(self, session: Session) -> bool:
        """Say whether it goes on; to ask does not prolong it."""
        found = await admin_users.find_session(self._db, session.token_hash)
        return found is not None and not found.is_over(self._clock.now_ms())

    async def check_password(self, session: Session, password: str) -> None:
        """Raises `Unauthenticated` (`wrong_password`) unless it is that of whoever is signed in, and `RateLimited`."""
        user = await admin_users.find(self._db, session.user_name)
        if not await self._is_password(password, user.password_hash if user else None):
            raise Unauthenticated("The current password is wrong.", code="wrong_password")

    async def sign_out(self, session: Session) -> None:
        async with self._db.transaction() as tx:
            if await admin_users.end_session(tx, session.token_hash):
                what = {"name": session.user_name}
                await record(tx, Action.ADMIN_SIGN_OUT, None, session.user_id, self._clock.now_ms(), **what)

    async def look_at(self, session: Session, tenant_id: str) -> None:
        """Show another tenant's objects from now on. Raises `NotFound`."""
        async with self._db.transaction() as tx:
            await tenants.plan_of(tx, tenant_id)
            await admin_users.set_tenant(tx, session.token_hash, tenant_id)
