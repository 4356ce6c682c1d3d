"""What keeps data keys shut: the appliance's own key, or a vault. And the source of opened ones."""

from typing import Protocol

from rtcstack.domain.sealing import DataKey, WrappedKey


class KeyWrapper(Protocol):
    """Each call raises `PartUnavailable` (part `vault`) when a vault is needed and does not answer, `PartRefused` when
    it answers and will not, `Internal` when the key that is needed is not configured (`sealing_key_missing`) or the text was
    changed or moved (`seal_broken`).
    """

    async def current_id(self) -> str:
        """Return the id of the key that wraps now."""
        ...

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Wrap with the current key. `context` names the row, without which it cannot be unwrapped."""
        ...

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes: ...

    async def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        """Wrap the same data key with the current key."""
        ...

    async def keep_alive(self) -> None:
        """Renew what lets us in, so that it does not run out. To be called every hour."""
        ...

    def is_ready(self) -> bool:
        """Return whether there is a key to wrap with. No I/O."""
        ...

    def opens(self, kek_id: str) -> bool:
        """Return whether the key of that id is configured here. No I/O."""
        ...


class DataKeySource(Protocol):
    """Opened data keys. Raises what `KeyWrapper` raises."""

    async def current(self, tenant_id: str) -> DataKey:
        """Return the key that seals for the tenant now; the first use makes one."""
        ...

    async def get(self, data_key_id: str) -> DataKey:
        """Raises `Internal` (`seal_broken`) if there is none of that id."""
        ...
