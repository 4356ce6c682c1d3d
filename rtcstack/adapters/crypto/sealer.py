"""AES-256-GCM, with the place of the secret as additional data: a ciphertext moved to another row does not open.

The text is `v1.{key id}.{nonce}.{ciphertext}`, the last two in URL-safe base64; the key id tells which appliance key it
was sealed with, so that keys can be replaced one day.
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rtcstack.errors import Internal

_NONCE_BYTES = 12
_VERSION = "v1"


class AesGcmSealer:
    """`appliance_key` is any long random text; the AES key is its SHA-256."""

    def __init__(self, appliance_key: str) -> None:
        key = hashlib.sha256(appliance_key.encode()).digest()
        self._key_id = hashlib.sha256(key).hexdigest()[:8]
        self._cipher = AESGCM(key)

    def seal(self, plaintext: str, context: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = self._cipher.encrypt(nonce, plaintext.encode(), context.encode())
        return ".".join((_VERSION, self._key_id, _b64(nonce), _b64(ciphertext)))

    def open(self, sealed: str, context: str) -> str:
        try:
            version, key_id, nonce, ciphertext = sealed.split(".")
            if (version, key_id) == (_VERSION, self._key_id):
                return self._cipher.decrypt(_unb64(nonce), _unb64(ciphertext), context.encode()).decode()
        except (ValueError, InvalidTag) as e:
            raise Internal(
                "A sealed secret was changed or moved.", code="seal_broken", context=context
            ) from e
        raise Internal("A secret was sealed with another key.", code="seal_broken", context=context)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
