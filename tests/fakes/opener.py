"""Tenants' buckets in memory."""

from urllib.parse import urlsplit

from rtcstack.errors import Invalid
from rtcstack.ports.storage import Permissions, StoreAccess
from tests.fakes.storage import FakeStorage


class FakeOpener:
    def __init__(self) -> None:
        self.stores: dict[tuple[str, str], FakeStorage] = {}
        """By endpoint and bucket."""
        self.opened: list[StoreAccess] = []
        self.checked: list[tuple[StoreAccess, str]] = []
        self.permissions = Permissions(may_read=True, may_delete=True)
        self.refusal: Invalid | None = None
        self.names: dict[str, frozenset[str]] = {}
        """The addresses that hosts lead to."""

    def store(self, endpoint: str, bucket: str) -> FakeStorage:
        return self.stores.setdefault((endpoint, bucket), FakeStorage(bucket))

    def open(self, access: StoreAccess) -> FakeStorage:
        self.opened.append(access)
        return self.store(access.endpoint, access.bucket)

    async def check(self, access: StoreAccess, key: str, tenant_id: str) -> Permissions:
        del tenant_id
        self.checked.append((access, key))
        if self.refusal:
            raise self.refusal
        return self.permissions

    async def addresses(self, endpoint: str) -> frozenset[str]:
        return self.names.get(urlsplit(endpoint).hostname or "", frozenset())
