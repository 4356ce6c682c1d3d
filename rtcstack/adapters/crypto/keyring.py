"""Every key that wraps data keys or ever did: the one that the settings name wraps, all of them unwrap."""

from collections.abc import Sequence

from rtcstack.domain.sealing import WrappedKey, key_missing
from rtcstack.ports.key_wrapper import KeyWrapper


class Keyring:
    """`ports/key_wrapper.py` over several wrappers; the first one wraps."""

    def __init__(self, wrappers: Sequence[KeyWrapper]) -> None:
        self._wrappers = wrappers

    async def current_id(self) -> str:
        return await self._wrappers[0].current_id()

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        return await self._wrappers[0].wrap(key, context)

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        return await self._opener(wrapped.kek_id).unwrap(wrapped, context)

    async def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        opener = self._opener(wrapped.kek_id)
        if opener is self._wrappers[0]:
            return await opener.rewrap(wrapped, context)
        return await self.wrap(await opener.unwrap(wrapped, context), context)

    async def keep_alive(self) -> None:
        for wrapper in self._wrappers:
            await wrapper.keep_alive()

    def is_ready(self) -> bool:
        return self._wrappers[0].is_ready()

    def opens(self, kek_id: str) -> bool:
        return any(wrapper.opens(kek_id) for wrapper in self._wrappers)

    def _opener(self, kek_id: str) -> KeyWrapper:
        for wrapper in self._wrappers:
            if wrapper.opens(kek_id):
                return wrapper
        raise key_missing(kek_id)
