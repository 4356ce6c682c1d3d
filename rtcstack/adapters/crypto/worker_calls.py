"""Calls between worker and API: signed as LiveKit signs its webhooks, answered with AES-256-GCM.

The token is a JWT that names the body's SHA-256: a participant's join token, which is signed with the same secret, has
none. The answer's key is derived from the secret, so that nothing readable crosses the wire between two machines.
"""

import base64
import hashlib
import hmac
import os
import time

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rtcstack.errors import Internal, Unauthenticated

_PURPOSE = b"rtcstack: answers to Egress workers, version 1"
_NONCE_BYTES = 12
_VALID_S = 60


class SecretWorkerCalls:
    """`WorkerCalls` for the API; `sign` and `open` are the worker's side of the same."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        self._api_key, self._api_secret = api_key, api_secret

    def sign(self, body: bytes) -> str:
        """Return the value of the `Authorization` header."""
        now_s = int(time.time())
        claims = {
            "iss": self._api_key,
            "nbf": now_s - _VALID_S,
            "exp": now_s + _VALID_S,
            "sha256": _digest(body),
        }
        return f"Bearer {jwt.encode(claims, self._api_secret, algorithm='HS256')}"

    def verify(self, body: bytes, authorization: str) -> None:
        try:
            claims = jwt.decode(
                authorization.removeprefix("Bearer "),
                self._api_secret,
                algorithms=["HS256"],
                issuer=self._api_key,
                options={"require": ["exp", "iss"]},
            )
        except jwt.InvalidTokenError as e:
            raise Unauthenticated(
                "No Egress worker that shares this API's LiveKit secret and its time signed this call.",
                code="bad_signature",
            ) from e
        if not hmac.compare_digest(str(claims.get("sha256", "")), _digest(body)):
            raise Unauthenticated("This is not the call that was signed.", code="bad_signature")

    def seal(self, plaintext: str, context: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher().encrypt(nonce, plaintext.encode(), context.encode())
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str, context: str) -> str:
        """Raises `Internal` (`seal_broken`) for an answer to another question or of another appliance."""
        try:
            data = base64.b64decode(sealed, validate=True)
            plaintext = self._cipher().decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode())
        except (ValueError, InvalidTag) as e:
            raise Internal("The API's answer cannot be opened.", code="seal_broken") from e
        return plaintext.decode()

    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self._api_secret.encode(), _PURPOSE, "sha256"))


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
