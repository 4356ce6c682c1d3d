"""Tenants' data keys in a dictionary, so that the sealer is looked at alone."""

import pytest

from rtcstack.domain.sealing import DataKey
from rtcstack.errors import Internal


class DataKeysInMemory:
    """One data key a tenant, made of its name."""

    def __init__(self) -> None:
        self.made: dict[str, DataKey] = {}

    async def current(self, tenant_id: str) -> DataKey:
        key = DataKey(f"dk_{tenant_id}", tenant_id, tenant_id.encode().ljust(32, b"k"))
        return self.made.setdefault(key.id, key)

    async def get(self, data_key_id: str) -> DataKey:
        if data_key_id not in self.made:
            raise Internal(f"there is no data key {data_key_id}", code="seal_broken")
        return self.made[data_key_id]


@pytest.fixture
def data_keys() -> DataKeysInMemory:
    return DataKeysInMemory()
