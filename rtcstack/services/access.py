"""Tenants and API keys: who may ask."""

import hmac
import re
from collections.abc import Mapping

from rtcstack.clock import Clock
from rtcstack.domain.api_key import ApiKey, Principal, Scope, check_name, new_key, parse_key
from rtcstack.domain.audit import Action
from rtcstack.domain.plan import SELF_HOSTED, Plans
from rtcstack.domain.tenant import FOR_EVER, Tenant, check_retention
from rtcstack.errors import Conflict, Invalid, KeyNotFound, NotFound, Unauthenticated
from rtcstack.ports.database import Database, Tx
from rtcstack.repositories import tenants
from rtcstack.services.audit import record

_BEARER = "bearer"
"""The scheme's case does not matter (RFC 9110, 11.1)."""
_NOBODYS_HASH = "0" * 64
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


class Access:
    def __init__(self, db: Database, clock: Clock, plans: Plans) -> None:
        self._db, self._clock, self._plans = db, clock, plans

    async def principal(self, authorization: str | None) -> Principal:
        """Return who holds the key in an `Authorization: Bearer …` header.

        Raises:
            Unauthenticated: `missing_key`, `invalid_key`, `revoked_key`.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != _BEARER or not text:
            raise Unauthenticated(
                "Send an API key: `Authorization: Bearer rtc_live_…` (rtcstack keys create makes one).",
                code="missing_key",
            )
        key_id, secret_hash = parse_key(text.strip())
        found = await tenants.find_key(self._db, key_id)
        key, expected = found or (None, _NOBODYS_HASH)  # an unknown id is compared as well, and takes as long
        if not hmac.compare_digest(expected, secret_hash) or key is None:
            raise Unauthenticated("This server does not know this API key.", code="invalid_key")
        if key.revoked_at_ms is not None:
            raise Unauthenticated("This API key was revoked.", code="revoked_key")
        return Principal(key.tenant_id, key.id, key.scope, key.is_operator)

    async def create_key(
        self,
        tenant_id: str,
        *,
        plan: str | None = None,
        scope: Scope = Scope.ADMIN,
        is_operator: bool = False,
        name: str = "",
    ) -> tuple[ApiKey, str]:
        """Make a key, and the tenant if need be, on the plan `self-hosted` unless another is named; the second value is the
        key itself, which nobody can see again. `name` is what people call it.

        Raises:
            Invalid: the tenant's name is none, there is no such plan, or the key's name is no line of text.
            Conflict: `tenant_exists`, it is there on another plan than the one that is named.
        """
        now_ms = self._clock.now_ms()
        key_id, text, secret_hash = new_key()
        key = ApiKey(key_id, tenant_id, scope, now_ms, is_operator, name=check_name(name))
        async with self._db.transaction() as tx:
            await self._ensure(tx, tenant_id, plan, now_ms)
            await tenants.add_key(tx, key, secret_hash)
            what = {"scope": str(scope), "operator": is_operator} | ({"name": key.name} if key.name else {})
            await record(tx, Action.KEY_CREATE, tenant_id, key_id, now_ms, **what)
        return key, text

    async def list_keys(self) -> list[ApiKey]:
        return list(await tenants.list_keys(self._db))

    async def key_names(self) -> Mapping[str, str]:
        """Return what keys are called, revoked ones too, by their ids; those without a name are left out."""
        return {key.id: key.name for key in await self.list_keys() if key.name}

    async def revoke_key(self, key_id: str) -> None:
        """Raises `KeyNotFound` if there is no live key of that id."""
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            found = await tenants.find_key(tx, key_id)
            if found is None or not await tenants.revoke_key(tx, key_id, now_ms):
                raise KeyNotFound(f"There is no live key {key_id}.")
            await record(tx, Action.KEY_REVOKE, found[0].tenant_id, key_id, now_ms)

    async def _ensure(self, tx: Tx, tenant_id: str, plan: str | None, now_ms: int) -> Tenant:
        self._plans.get(plan or SELF_HOSTED)
        if not _TENANT.match(tenant_id):
            raise Invalid(
                "A tenant's name has 1 to 63 lower-case letters, digits and - and does not start with -.",
                field="tenant",
            )
        if await tenants.add_tenant(tx, tenant_id, plan or SELF_HOSTED, now_ms):
            await record(tx, Action.TENANT_CREATE, tenant_id, tenant_id, now_ms, plan=plan or SELF_HOSTED)
        [found] = [tenant for tenant in await tenants.list_tenants(tx) if tenant.id == tenant_id]
        if plan is not None and found.plan != plan:
            raise Conflict(
                f"There is a tenant {tenant_id} already, on the plan {found.plan}; "
                f"`rtcstack tenants set-plan {tenant_id} {plan}` changes that.",
                code="tenant_exists",
            )
        return found

    async def create_tenant(self, tenant_id: str, plan: str | None = None) -> Tenant:
        """Make the tenant, or return the one that is there. Raises what `create_key` raises."""
        async with self._db.transaction() as tx:
            return await self._ensure(tx, tenant_id, plan, self._clock.now_ms())

    async def list_tenants(self) -> list[Tenant]:
        return list(await tenants.list_tenants(self._db))

    async def set_plan(self, tenant_id: str, plan: str) -> None:
        """Raises `Invalid` for an unknown plan, `NotFound` for an unknown tenant."""
        self._plans.get(plan)
        async with self._db.transaction() as tx:
            if not await tenants.set_plan(tx, tenant_id, plan):
                raise NotFound(f"There is no tenant {tenant_id}.", code="tenant_not_found")
            now_ms = self._clock.now_ms()
            await record(tx, Action.TENANT_PLAN, tenant_id, tenant_id, now_ms, plan=plan)

    async def set_retention(self, tenant_id: str, days: int | None) -> None:
        """Say how long the data of the tenant's deleted recordings is kept: `FOR_EVER`, or None as the appliance is set.

        Raises:
            Invalid: for a number of days that is none.
            NotFound: for an unknown tenant.
        """
        kept = check_retention(days)
        async with self._db.transaction() as tx:
            if not await tenants.set_retention(tx, tenant_id, kept):
                raise NotFound(f"There is no tenant {tenant_id}.", code="tenant_not_found")
            told = "default" if kept is None else "for ever" if kept == FOR_EVER else kept
            now_ms = self._clock.now_ms()
            await record(tx, Action.TENANT_RETENTION, tenant_id, tenant_id, now_ms, days=told)
