"""The appliance's own key, made of the secret that the settings give."""

import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KIND = "appliance"
NONCE_BYTES = 12


class ApplianceKey:
    """`secret` is any long random text; the AES-256 key is its SHA-256, and `id` tells it from another."""

    def __init__(self, secret: str) -> None:
        key = hashlib.sha256(secret.encode()).digest()
        self.id = hashlib.sha256(key).hexdigest()[:8]
        self._cipher = AESGCM(key)

    def encrypt(self, plaintext: bytes, bound_to: str) -> tuple[bytes, bytes]:
        """Return nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce, self._cipher.encrypt(nonce, plaintext, bound_to.encode())

    def decrypt(self, nonce: bytes, ciphertext: bytes, bound_to: str) -> bytes:
        """Raises `InvalidTag` for another key, another place or a changed text."""
        return self._cipher.decrypt(nonce, ciphertext, bound_to.encode())
