"""AES-256-GCM under the tenant's data key, with the tenant and the place of the secret as additional data: a ciphertext
moved to another row, column or tenant does not open.

Texts of version 1, sealed with the appliance's key itself and bound to their place alone, are still opened.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rtcstack.adapters.crypto.appliance_key import KIND, NONCE_BYTES, ApplianceKey
from rtcstack.domain.sealing import (
    V1,
    V2,
    SealedText,
    altered_or_moved,
    damaged,
    key_missing,
    of_another_tenant,
)
from rtcstack.errors import Internal
from rtcstack.ports.key_wrapper import DataKeySource
from rtcstack.repositories.sealed_columns import is_sealed_place

_WHAT = "A sealed secret"


class EnvelopeSealer:
    """`appliance_keys` by their ids, for version 1. Cheap: microseconds once the tenant's data key is in memory."""

    def __init__(self, keys: DataKeySource, appliance_keys: Mapping[str, ApplianceKey]) -> None:
        self._keys = keys
        self._appliance_keys = appliance_keys

    async def seal(self, tenant_id: str, plaintext: str, context: str) -> str:
        if not is_sealed_place(context):
            raise Internal(
                f"Nothing may be sealed for {context!r}: no rotation would find it (rtcstack/repositories/sealed_columns.py)."
            )
        key = await self._keys.current(tenant_id)
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = AESGCM(key.secret).encrypt(nonce, plaintext.encode(), _bound_to(tenant_id, context))
        return str(SealedText(V2, key.id, nonce, ciphertext))

    async def open(self, tenant_id: str, sealed: str, context: str) -> str:
        try:
            text = SealedText.parse(sealed)
        except ValueError as e:
            raise damaged(_WHAT, context) from e
        if text.version == V2:
            return await self._open(tenant_id, text, context)
        if text.version == V1:
            return self._open_old(text, context)
        raise Internal("A sealed secret is of an unknown version.", code="seal_broken", context=context)

    async def _open(self, tenant_id: str, text: SealedText, context: str) -> str:
        key = await self._keys.get(text.key_id)
        if key.tenant_id != tenant_id:
            raise of_another_tenant(_WHAT, context)
        try:
            plaintext = AESGCM(key.secret).decrypt(text.nonce, text.ciphertext, _bound_to(tenant_id, context))
        except InvalidTag as e:
            raise altered_or_moved(_WHAT, context) from e
        return plaintext.decode()

    def _open_old(self, text: SealedText, context: str) -> str:
        key = self._appliance_key(text.key_id)
        try:
            plaintext = key.decrypt(text.nonce, text.ciphertext, context)
        except InvalidTag as e:
            raise altered_or_moved(_WHAT, context) from e
        return plaintext.decode()

    def _appliance_key(self, key_id: str) -> ApplianceKey:
        try:
            return self._appliance_keys[key_id]
        except KeyError:
            raise key_missing(f"{KIND}:{key_id}") from None


def _bound_to(tenant_id: str, context: str) -> bytes:
    return f"{V2}|{tenant_id}|{context}".encode()
