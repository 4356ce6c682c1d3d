"""`ports/key_wrapper.py` with the appliance's own key: `{nonce}.{ciphertext}` under the key that the id names."""

from collections.abc import Mapping

from cryptography.exceptions import InvalidTag

from rtcstack.adapters.crypto.appliance_key import KIND, ApplianceKey
from rtcstack.domain.sealing import SealedText, WrappedKey, altered_or_moved, damaged, key_missing, no_key

_WHAT = "A data key"


class LocalWrapper:
    """`current` wraps, every one of `keys` unwraps."""

    def __init__(self, current: ApplianceKey | None, keys: Mapping[str, ApplianceKey]) -> None:
        self._current = current
        self._keys = keys

    async def current_id(self) -> str:
        return f"{KIND}:{self._wrapping().id}"

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        current = self._wrapping()
        text = SealedText(KIND, current.id, *current.encrypt(key, context))
        return WrappedKey(str(text), f"{KIND}:{current.id}")

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        key_id = wrapped.kek_id.partition(":")[2]
        if key_id not in self._keys:
            raise key_missing(wrapped.kek_id)
        try:
            text = SealedText.parse(wrapped.text)
        except ValueError as e:
            raise damaged(_WHAT, context) from e
        try:
            return self._keys[key_id].decrypt(text.nonce, text.ciphertext, context)
        except InvalidTag as e:
            raise altered_or_moved(_WHAT, context) from e

    async def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        return await self.wrap(await self.unwrap(wrapped, context), context)

    async def keep_alive(self) -> None:
        return

    def is_ready(self) -> bool:
        return self._current is not None

    def opens(self, kek_id: str) -> bool:
        kind, _, key_id = kek_id.partition(":")
        return kind == KIND and key_id in self._keys

    def _wrapping(self) -> ApplianceKey:
        if self._current is None:
            raise no_key()
        return self._current
