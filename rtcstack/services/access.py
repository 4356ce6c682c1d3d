"""Tenants and API keys: who may ask."""

import hmac

from rtcstack.clock import Clock
from rtcstack.domain.api_key import ApiKey, Principal, Scope, new_key, parse_key
from rtcstack.errors import Invalid, KeyNotFound, Unauthenticated
from rtcstack.ports.database import Database
from rtcstack.repositories import tenants

_BEARER = "Bearer "
_TENANT_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789-"


class Access:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def principal(self, authorization: str | None) -> Principal:
        """Return who holds the key in an `Authorization: Bearer …` header.

        Raises:
            Unauthenticated: `missing_key`, `invalid_key`, `revoked_key`.
        """
        if not authorization or not authorization.startswith(_BEARER):
            raise Unauthenticated(
                "Send an API key: `Authorization: Bearer rtc_live_…` (rtcstack keys create makes one).",
                code="missing_key",
            )
        key_id, secret_hash = parse_key(authorization.removeprefix(_BEARER).strip())
        found = await tenants.find_key(self._db, key_id)
        if found is None or not hmac.compare_digest(found[1], secret_hash):
            raise Unauthenticated("This server does not know this API key.", code="invalid_key")
        key = found[0]
        if key.revoked_at_ms is not None:
            raise Unauthenticated("This API key was revoked.", code="revoked_key")
        return Principal(key.tenant_id, key.id, key.scope, key.is_operator)

    async def create_key(
        self,
        tenant_id: str,
        *,
        plan: str = "self-hosted",
        scope: Scope = Scope.ADMIN,
        is_operator: bool = False,
    ) -> tuple[ApiKey, str]:
        """Make a key, and the tenant if need be; the second value is the key itself, which nobody can see again.

        Raises:
            Invalid: the tenant's name is none.
        """
        if not 1 <= len(tenant_id) <= 63 or tenant_id.strip(_TENANT_CHARS) or tenant_id[0] == "-":  # noqa: PLR2004
            raise Invalid(
                "A tenant's name has 1 to 63 lower-case letters, digits and - and does not start with -.",
                field="tenant",
            )
        now_ms = self._clock.now_ms()
        key_id, text, secret_hash = new_key()
        key = ApiKey(key_id, tenant_id, scope, now_ms, is_operator)
        async with self._db.transaction() as tx:
            await tenants.add_tenant(tx, tenant_id, plan, now_ms)
            await tenants.add_key(tx, key, secret_hash)
        return key, text

    async def list_keys(self) -> list[ApiKey]:
        return list(await tenants.list_keys(self._db))

    async def revoke_key(self, key_id: str) -> None:
        """Raises `KeyNotFound` if there is no live key of that id."""
        async with self._db.transaction() as tx:
            if not await tenants.revoke_key(tx, key_id, self._clock.now_ms()):
                raise KeyNotFound(f"There is no live key {key_id}.")
