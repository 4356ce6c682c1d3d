"""The dashboard of an API in this process, on the real LiveKit, Redis and MinIO; no Egress worker is there."""

from collections.abc import AsyncIterator

import httpx
import pytest

from rtcstack.repositories import admin_users
from rtcstack.settings import Settings
from tests.integration.api.conftest import Api, api, api_settings
from tests.integration.api.conftest import fresh as fresh_api
from tests.support.dashboard import PASSWORD, Visitor, cheap_hash

__all__ = ["api", "api_settings", "fresh_api"]
WRONG_AT_ONCE = 6


@pytest.fixture
def fresh(fresh_api: Settings) -> Settings:  # the fixture that is imported
    """Return settings with which a few wrong passwords are too many, for as long as any test takes."""
    limits = fresh_api.limits.model_copy(update={"wrong_key_burst": WRONG_AT_ONCE, "wrong_key_per_s": 0.0001})
    return fresh_api.model_copy(update={"limits": limits})


@pytest.fixture
async def stranger(api: Api) -> AsyncIterator[Visitor]:  # the fixture that is imported
    """Return somebody who has not signed in; there is a user `admin`."""
    async with api.platform._adapters.db.transaction() as tx:
        await admin_users.put(tx, "adm_1", "admin", cheap_hash(PASSWORD), 1)
    async with httpx.AsyncClient(base_url=api.http.base_url, verify=False, timeout=40) as http:
        yield Visitor(http)


@pytest.fixture
async def visitor(stranger: Visitor) -> Visitor:
    """Return the same, signed in."""
    assert (await stranger.sign_in()).status_code == 303
    return stranger
